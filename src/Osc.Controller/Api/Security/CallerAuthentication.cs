using System.Net;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Osc.Controller.Api.Requests;
using Osc.Controller.Configuration;
using Osc.Controller.Identities;

namespace Osc.Controller.Api.Security;

/// <summary>
/// Tells who calls: by the header "Authorization: Bearer TOKEN" (RFC 6750, section 2.1), a secret or what an issuer has signed; without the header by the certificate
/// of the connection. Tokens in the URL or the body do not count.
/// </summary>
public sealed class CallerAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> schemeOptions,
    ILoggerFactory logger,
    UrlEncoder encoder,
    ControllerOptions options,
    TokenRegistry tokens,
    SignedTokens signed,
    ClientCertificates certificates,
    AccessLog access) : AuthenticationHandler<AuthenticationSchemeOptions>(schemeOptions, logger, encoder)
{
    public const string SchemeName = "Bearer";

    /// <summary>The actor of requests without a token to a controller that was started with --development.</summary>
    public const string DevelopmentActor = "development";

    private const string Prefix = SchemeName + " ";

    private static readonly Permissions Everything = new([new Grant(Role.Admin, GrantScope.Everything)]);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var hasHeader = Request.Headers.Authorization.Count > 0;
        var caller = hasHeader ? await FindByTokenAsync() : FindByConnection();
        if (caller is null)
        {
            return hasHeader ? AuthenticateResult.Fail("unknown token") : AuthenticateResult.NoResult();
        }

        access.Note(caller, Caller.Of(Context), Context.Connection.RemoteIpAddress);
        return AuthenticateResult.Success(new(new(caller), SchemeName));
    }

    /// <summary>401; the body is written by the status code pages, as for every other status. It says the same whatever was wrong.</summary>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = SchemeName;
        return Task.CompletedTask;
    }

    private async Task<CallerIdentity?> FindByTokenAsync()
    {
        // Two headers are one too many: nobody could say which of them counts.
        if (Request.Headers.Authorization is not [{ } header] || !header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var text = header[Prefix.Length..].Trim();
        return tokens.Find(text, Context.Connection.RemoteIpAddress?.ToString() ?? "") ?? await signed.FindAsync(text);
    }

    /// <summary>What a browser brings along by itself must not be at the service of whatever page it shows.</summary>
    private CallerIdentity? FindByConnection()
    {
        if (IsOfAnotherSite())
        {
            return null;
        }

        return Context.Connection.ClientCertificate is { } certificate ? certificates.Find(certificate)
            : options.Development && IsLoopback(Request.Host.Host) ? new(DevelopmentActor, "development", Everything)
            : null;
    }

    /// <summary>Whether a page of another site makes the request (Fetch Metadata, and Origin of RFC 6454 for those that send none).</summary>
    private bool IsOfAnotherSite() =>
        Request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "none" or "same-origin")
        || (Request.Headers.Origin.ToString() is { Length: > 0 } origin && origin != $"{Request.Scheme}://{Request.Host}");

    /// <summary>A name that only happens to lead here is not believed: it may be another's a moment later.</summary>
    private static bool IsLoopback(string host) => host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
