using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Osc.Controller.Configuration;
using Osc.Controller.Identities;

namespace Osc.Controller.Tests.Identities;

/// <summary>A small OpenID Connect provider on loopback: its description, its keys, and tokens put together by hand, so that they can be wrong in every way.</summary>
public sealed class TestIssuer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly List<(string Kid, RSA Key)> keys = [];
    private int fetches;

    private TestIssuer(WebApplication app) => this.app = app;

    public string Address => app.Urls.Single();

    /// <summary>How often its keys were fetched.</summary>
    public int Fetches => Volatile.Read(ref fetches);

    public RSA Key => keys[^1].Key;

    public string Kid => keys[^1].Kid;

    /// <summary>A curve's key under the kid "ec".</summary>
    public ECDsa Curve { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static async Task<TestIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var issuer = new TestIssuer(app);
        issuer.Rotate("k1");
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer = issuer.Address, jwks_uri = issuer.Address + "/keys" }));
        app.MapGet("/keys", () =>
        {
            Interlocked.Increment(ref issuer.fetches);
            return Results.Text(issuer.KeySet().ToJsonString(), "application/json");
        });
        await app.StartAsync();
        return issuer;
    }

    /// <summary>The configuration of a controller that believes it.</summary>
    public Issuer Configured(params IEnumerable<ClaimGrant> grants) => new("corp", Address, "osc", ["RS256", "ES256"], TimeSpan.FromSeconds(5), "sub", [.. grants]);

    /// <summary>Signs with another key from now on, and forgets the others.</summary>
    public void Rotate(string kid)
    {
        keys.ForEach(k => k.Key.Dispose());
        keys.Clear();
        keys.Add((kid, RSA.Create(2048)));
    }

    public JsonObject Claims(string sub = "alice") => new()
    {
        ["iss"] = Address,
        ["aud"] = "osc",
        ["sub"] = sub,
        ["iat"] = DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeSeconds(),
        ["exp"] = DateTimeOffset.UtcNow.AddMinutes(5).ToUnixTimeSeconds(),
        ["groups"] = new JsonArray("staff", "netsec"),
    };

    public JsonObject Header(string algorithm = "RS256") => new() { ["alg"] = algorithm, ["typ"] = "JWT", ["kid"] = algorithm == "ES256" ? "ec" : Kid };

    /// <summary>A good token, but for what is changed.</summary>
    public string Token(Action<JsonObject>? claims = null, Action<JsonObject>? header = null)
    {
        var (body, head) = (Claims(), Header());
        claims?.Invoke(body);
        header?.Invoke(head);
        return Sign(head, body, data => Key.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    public string CurveToken() => Sign(Header("ES256"), Claims(), data => Curve.SignData(data, HashAlgorithmName.SHA256));

    /// <param name="sign">Makes a signature over the token's text.</param>
    public static string Sign(JsonObject header, JsonObject claims, Func<byte[], byte[]> sign)
    {
        var text = $"{Encode(header.ToJsonString())}.{Encode(claims.ToJsonString())}";
        return $"{text}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(text)))}";
    }

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    /// <summary>A key as the issuer publishes it (RFC 7517).</summary>
    public static JsonObject PublicKeyOf(RSA key, string kid)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return new() { ["kty"] = "RSA", ["use"] = "sig", ["kid"] = kid, ["n"] = Base64Url.EncodeToString(parameters.Modulus), ["e"] = Base64Url.EncodeToString(parameters.Exponent) };
    }

    public static NamePattern Pattern(string text) => NamePattern.TryParse(text, out var pattern) ? pattern : throw new ArgumentException(text);

    public static Grant Of(Role role, params string[] tenants) => new(role, new() { Tenants = tenants.Length == 0 ? null : [.. tenants.Select(Pattern)] });

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        keys.ForEach(k => k.Key.Dispose());
        Curve.Dispose();
    }

    private JsonObject KeySet()
    {
        var point = Curve.ExportParameters(includePrivateParameters: false).Q;
        var curve = new JsonObject { ["kty"] = "EC", ["use"] = "sig", ["kid"] = "ec", ["crv"] = "P-256", ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) };
        return new() { ["keys"] = new JsonArray([.. keys.Select(k => (JsonNode)PublicKeyOf(k.Key, k.Kid)), curve]) };
    }
}
