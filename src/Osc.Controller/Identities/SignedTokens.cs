using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Osc.Controller.Configuration;

namespace Osc.Controller.Identities;

/// <summary>
/// Checks tokens that issuers have signed (RFC 7519, RFC 8725): an allowed asymmetric algorithm, a key of the issuer's that the token names, issuer, audience,
/// times. Keys are fetched from the issuer and fetched anew when a token names one that is not known, at most once in <see cref="RefreshInterval"/>.
/// </summary>
public sealed partial class SignedTokens : IDisposable
{
    /// <summary>However many tokens name unknown keys, the issuer is asked no more often.</summary>
    public static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(30);

    private const int MaxTokenBytes = 16 * 1024;

    private const int MaxAnswerBytes = 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Patience, MaxResponseContentBufferSize = MaxAnswerBytes };
    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = MaxTokenBytes };
    private readonly Dictionary<string, (Issuer Issuer, TokenValidationParameters Parameters)> issuers;
    private readonly ILogger<SignedTokens> log;

    public SignedTokens(ControllerOptions options, ILogger<SignedTokens> log)
    {
        this.log = log;
        issuers = options.Issuers.ToDictionary(i => i.Address, i => (i, ParametersOf(i)), StringComparer.Ordinal);
    }

    public void Dispose() => http.Dispose();

    /// <returns>null: no token of an issuer that counts here and now. Why is for the log alone.</returns>
    public async Task<CallerIdentity?> FindAsync(string text)
    {
        // Three parts: one of five is encrypted, and nobody here has a key for it.
        if (issuers.Count == 0 || text.Length > MaxTokenBytes || text.Count(c => c == '.') != 2 || !TryReadUnchecked(text, out var address) || !issuers.TryGetValue(address, out var known))
        {
            return null;
        }

        var result = await handler.ValidateTokenAsync(text, known.Parameters);
        if (!result.IsValid || result.SecurityToken is not JsonWebToken token)
        {
            LogRefused(known.Issuer.Name, result.Exception?.GetType().Name ?? "not valid");
            return null;
        }

        var names = ValuesOf(token, known.Issuer.ActorClaim);
        if (names is not [var name] || !ActorNames.IsUsable(name))
        {
            LogRefused(known.Issuer.Name, $"no usable {known.Issuer.ActorClaim}");
            return null;
        }

        return new($"{known.Issuer.Name}/{name}", "oidc", new(known.Issuer.GrantsOf(claim => ValuesOf(token, claim)))) { Expires = new DateTimeOffset(token.ValidTo, TimeSpan.Zero) };
    }

    /// <summary>Who a token says that made it, before anything of it is believed.</summary>
    private bool TryReadUnchecked(string text, out string issuer)
    {
        issuer = "";
        try
        {
            var token = handler.ReadJsonWebToken(text);

            // What a header says is critical has to be understood (RFC 7515, section 4.1.11), and nothing is here.
            issuer = token.TryGetHeaderValue<object>("crit", out _) ? "" : token.Issuer;
            return issuer.Length > 0;
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException or System.Text.Json.JsonException or FormatException)
        {
            LogRefused("nobody", e.GetType().Name);
            return false;
        }
    }

    private TokenValidationParameters ParametersOf(Issuer issuer)
    {
        var documents = new HttpDocumentRetriever(http) { RequireHttps = !new Uri(issuer.Address).IsLoopback };
        return new()
        {
            ConfigurationManager = new ConfigurationManager<OpenIdConnectConfiguration>(
                issuer.Address.TrimEnd('/') + "/.well-known/openid-configuration", new OpenIdConnectConfigurationRetriever(), documents)
            {
                RefreshInterval = RefreshInterval,
                UseLastKnownGoodConfiguration = false, // a key that the issuer has withdrawn would go on counting for an hour
            },
            ValidIssuer = issuer.Address,
            ValidAudience = issuer.Audience,
            ValidAlgorithms = issuer.Algorithms,
            ValidTypes = ["JWT", "at+jwt"],
            ClockSkew = issuer.ClockSkew,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ValidateIssuerSigningKey = true,
            TryAllIssuerSigningKeys = false,
        };
    }

    private static IReadOnlyList<string> ValuesOf(JsonWebToken token, string claim) =>
        [.. token.Claims.Where(c => c.Type == claim && c.ValueType is System.Security.Claims.ClaimValueTypes.String).Select(c => c.Value)];

    [LoggerMessage(Level = LogLevel.Information, Message = "a token of {Issuer} is refused: {Reason}")]
    private partial void LogRefused(string issuer, string reason);
}
