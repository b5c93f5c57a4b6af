using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Osc.Controller.Configuration;

namespace Osc.Controller.Api.Security;

/// <summary>Tells who calls by the header "Authorization: Bearer SECRET" (RFC 6750, section 2.1). Tokens in the URL or the body do not count.</summary>
public sealed class BearerAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> schemeOptions,
    ILoggerFactory logger,
    UrlEncoder encoder,
    ControllerOptions options,
    TokenTable tokens) : AuthenticationHandler<AuthenticationSchemeOptions>(schemeOptions, logger, encoder)
{
    public const string SchemeName = "Bearer";

    /// <summary>The actor of requests without a token to a controller that was started with --development.</summary>
    public const string DevelopmentActor = "development";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            return Task.FromResult(options.Development ? Success(DevelopmentActor, Role.Admin) : AuthenticateResult.NoResult());
        }

        const string prefix = "Bearer ";
        var token = header.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? tokens.Find(header[prefix.Length..].Trim()) : null;
        return Task.FromResult(token is null ? AuthenticateResult.Fail("unknown token") : Success(token.Name, token.Role));
    }

    /// <summary>401; the body is written by the status code pages, as for every other status.</summary>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = Request.Headers.Authorization.Count > 0 ? "Bearer error=\"invalid_token\"" : "Bearer";
        return Task.CompletedTask;
    }

    private static AuthenticateResult Success(string actor, Role role)
    {
        var identity = new ClaimsIdentity([new(ClaimTypes.Name, actor), new(ClaimTypes.Role, role.ToString())], SchemeName);
        return AuthenticateResult.Success(new(new(identity), SchemeName));
    }
}
