using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Osc.Controller.Tests.Identities;
using Xunit;

namespace Osc.Controller.Tests.Attacks;

/// <summary>Tokens that look like the issuer's (RFC 8725).</summary>
internal static class SignedTokenAttacks
{
    private const string About = "Signed tokens";

    public static readonly IReadOnlyList<Attack> All =
    [
        Claims("expired", c => c["exp"] = Now(-10)),
        Claims("not yet valid", c => c["nbf"] = Now(10)),
        Claims("without an end", c => c.Remove("exp")),
        Claims("an end beyond all time", c => c["exp"] = 1e300),
        Claims("of another issuer's name, signed by this one", c => c["iss"] = "https://login.example.com"),
        Claims("issuer's name with a slash more", c => c["iss"] = c["iss"]!.GetValue<string>() + "/"),
        Claims("without an issuer", c => c.Remove("iss")),
        Claims("issuer as a list", c => c["iss"] = new JsonArray(c["iss"]!.GetValue<string>())),
        Claims("for another audience", c => c["aud"] = "payroll"),
        Claims("for a list of other audiences", c => c["aud"] = new JsonArray("payroll", "OSC")),
        Claims("without an audience", c => c.Remove("aud")),
        Claims("without a person", c => c.Remove("sub")),
        Claims("two persons at once", c => c["sub"] = new JsonArray("alice", "admin")),
        Claims("person with a slash in the name", c => c["sub"] = "../admin"),
        Claims("person with a line break in the name", c => c["sub"] = "alice\nadmin"),
        Header("algorithm none", h => h["alg"] = "none"),
        Unsigned("algorithm none, without a signature", "none"),
        Unsigned("algorithm nOnE, without a signature", "nOnE"),
        Unsigned("a good header without a signature", "RS256"),
        Header("algorithm that is not allowed", h => h["alg"] = "RS384"),
        New("algorithm that is not allowed, rightly signed", s => TestIssuer.Sign(With(s.Issuer.Header(), h => h["alg"] = "RS512"), s.Issuer.Claims(), d => s.Issuer.Key.SignData(d, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1))),
        New("HS256 with the issuer's public key as the secret (PEM)", s => Hmac(s, Encoding.ASCII.GetBytes(s.Issuer.Key.ExportSubjectPublicKeyInfoPem()))),
        New("HS256 with the issuer's public key as the secret (DER)", s => Hmac(s, s.Issuer.Key.ExportSubjectPublicKeyInfo())),
        New("HS256 with an empty secret", s => Hmac(s, [])),
        New("claims changed after signing", s => Swap(s.Issuer.Token(), 1, TestIssuer.Encode(With(s.Issuer.Claims(), c => c["groups"] = new JsonArray("netsec", "admins")).ToJsonString()))),
        New("signature changed in one bit", s => Swap(s.Issuer.Token(), 2, Flipped(s.Issuer.Token().Split('.')[2]))),
        New("signature of another token", s => Swap(s.Issuer.Token(), 2, s.Issuer.Token(c => c["sub"] = "bob").Split('.')[2])),
        New("signed by a key of one's own under the issuer's kid", s => Foreign(s, _ => { })),
        New("signed by a key of one's own that the header brings along (jwk)", s => Foreign(s, h => h["jwk"] = TestIssuer.PublicKeyOf(s.Foreign.Key, s.Issuer.Kid))),
        New("header that says where one's own keys are (jku)", s => Foreign(s, h => h["jku"] = s.Foreign.Address + "/keys"), NothingFetched),
        New("header that says where one's own certificate is (x5u)", s => Foreign(s, h => h["x5u"] = s.Foreign.Address + "/keys"), NothingFetched),
        New("of an issuer that nobody configured", s => s.Foreign.Token(), NothingFetched),
        Header("kid that is not known", h => h["kid"] = "k0"),
        Header("kid that is a path", h => h["kid"] = "../../../../dev/null"),
        Header("kid that is SQL", h => h["kid"] = "x' union select 'secret"),
        Header("without a kid", h => h.Remove("kid")),
        Header("extension that has to be understood (crit)", h => h["crit"] = new JsonArray("exp")),
        Header("another type of token (logout+jwt)", h => h["typ"] = "logout+jwt"),
        New("curve's key asked for with an RSA algorithm", s => s.Issuer.Token(header: h => h["kid"] = "ec")),
        New("signature of zeros on a curve", s => TestIssuer.Sign(s.Issuer.Header("ES256"), s.Issuer.Claims(), _ => new byte[64])),
        New("encrypted, in five parts", s => s.Issuer.Token() + ".AAAA.AAAA"),
        New("a megabyte long", s => s.Issuer.Token(c => c["padding"] = new string('x', 20_000))),
        New("claims that are no object", _ => $"{TestIssuer.Encode("""{"alg":"RS256","typ":"JWT","kid":"k1"}""")}.{TestIssuer.Encode("[]")}.AAAA"),
        New("nothing but dots", _ => ".."),
        new(About, "a hundred kids that are not known, to have the issuer asked a hundred times", async s =>
        {
            var before = s.Issuer.Fetches;
            Answer answer = null!; // set in the loop
            for (var i = 0; i < 100; i++)
            {
                answer = await s.ShowAsync(s.Issuer.Token(header: h => h["kid"] = $"flood-{i}"));
            }

            Assert.InRange(s.Issuer.Fetches - before, 0, 2);
            return answer;
        }, 401),
    ];

    private static Attack New(string name, Func<AttackScene, string> token, Action<Answer, AttackScene>? check = null) => new(About, name, s => s.ShowAsync(token(s)), 401) { Check = check ?? ((_, _) => { }) };

    private static Attack Claims(string name, Action<JsonObject> change) => New(name, s => s.Issuer.Token(claims: change));

    private static Attack Header(string name, Action<JsonObject> change) => New(name, s => s.Issuer.Token(header: change));

    private static Attack Unsigned(string name, string algorithm) => New(name, s => TestIssuer.Sign(With(s.Issuer.Header(), h => h["alg"] = algorithm), s.Issuer.Claims(), _ => []));

    private static string Foreign(AttackScene scene, Action<JsonObject> header) =>
        TestIssuer.Sign(With(scene.Issuer.Header(), header), scene.Issuer.Claims(), d => scene.Foreign.Key.SignData(d, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    private static string Hmac(AttackScene scene, byte[] secret) => TestIssuer.Sign(With(scene.Issuer.Header(), h => h["alg"] = "HS256"), scene.Issuer.Claims(), d => HMACSHA256.HashData(secret, d));

    private static void NothingFetched(Answer answer, AttackScene scene) => Assert.Equal(0, scene.Foreign.Fetches);

    private static JsonObject With(JsonObject json, Action<JsonObject> change)
    {
        change(json);
        return json;
    }

    private static string Swap(string token, int part, string with)
    {
        var parts = token.Split('.');
        parts[part] = with;
        return string.Join('.', parts);
    }

    private static string Flipped(string signature) => (signature[0] == 'A' ? 'B' : 'A') + signature[1..];

    private static long Now(int minutes) => DateTimeOffset.UtcNow.AddMinutes(minutes).ToUnixTimeSeconds();
}
