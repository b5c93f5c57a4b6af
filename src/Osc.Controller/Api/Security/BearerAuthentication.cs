using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Osc.Controller.Api.Requests;
using Osc.Controller.Configuration;
using Osc.Controller.Identities;

namespace Osc.Controller.Api.Security;

/// <summary>Tells who calls by the header "Authorization: Bearer SECRET" (RFC 6750, section 2.1). Tokens in the URL or the body do not count.</summary>
public sealed class BearerAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> schemeOptions,
    ILoggerFactory logger,
    UrlEncoder encoder,
    ControllerOptions options,
    TokenRegistry tokens,
    AccessLog access) : AuthenticationHandler<AuthenticationSchemeOptions>(schemeOptions, logger, encoder)
{
    public const string SchemeName = "Bearer";

    /// <summary>The actor of requests without a token to a controller that was started with --development.</summary>
    public const string DevelopmentActor = "development";

    private const string Prefix = SchemeName + " ";

    private static readonly Permissions Everything = new([new Grant(Role.Admin, GrantScope.Everything)]);

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // Two headers are one too many: nobody could say which of them counts.
        var header = Request.Headers.Authorization.Count <= 1 ? Request.Headers.Authorization.ToString() : " ";
        if (header.Length == 0)
        {
            return Task.FromResult(options.Development ? Success(new(DevelopmentActor, "development", Everything)) : AuthenticateResult.NoResult());
        }

        var caller = header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? tokens.Find(header[Prefix.Length..].Trim(), Context.Connection.RemoteIpAddress?.ToString() ?? "") : null;
        return Task.FromResult(caller is null ? AuthenticateResult.Fail("unknown token") : Success(caller));
    }

    /// <summary>401; the body is written by the status code pages, as for every other status. It says the same whatever was wrong.</summary>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = SchemeName;
        return Task.CompletedTask;
    }

    private AuthenticateResult Success(CallerIdentity identity)
    {
        access.Note(identity, Caller.Of(Context), Context.Connection.RemoteIpAddress);
        return AuthenticateResult.Success(new(new(identity), SchemeName));
    }
}
