using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Osc.Controller.Configuration;

namespace Osc.Controller.Api.Security;

/// <summary>What an endpoint asks for, as its metadata.</summary>
public sealed record AccessRule(Access Access);

/// <summary>
/// Deny by default: an endpoint says which <see cref="Access"/> it needs, or that it is anonymous; one that says neither
/// keeps the controller from starting. A path that leads nowhere still asks for a token, so that it tells a stranger nothing.
/// </summary>
public static class Authorization
{
    public static void AddOscSecurity(this IServiceCollection services, ControllerOptions options)
    {
        services.AddSingleton(new TokenTable(options.Tokens));
        // Not AddAuthentication: it would bring data protection along, which writes keys into the home directory.
        services.AddWebEncoders();
        services.AddTransient<BearerAuthentication>();
        services.AddAuthenticationCore(authentication =>
        {
            authentication.DefaultScheme = BearerAuthentication.SchemeName;
            authentication.AddScheme<BearerAuthentication>(BearerAuthentication.SchemeName, null);
        });
        services.AddAuthorization(authorization =>
        {
            authorization.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build();
            foreach (var access in Enum.GetValues<Access>())
            {
                authorization.AddPolicy(access.ToString(), policy => policy.RequireAuthenticatedUser().RequireAssertion(context => RoleOf(context.User).Allows(access)));
            }
        });
    }

    public static RouteHandlerBuilder Needs(this RouteHandlerBuilder endpoint, Access access) =>
        endpoint.RequireAuthorization(access.ToString()).WithMetadata(new AccessRule(access));

    /// <exception cref="InvalidOperationException">An endpoint says neither what it needs nor that it is anonymous.</exception>
    public static void DemandExplicitRules(IEnumerable<Endpoint> endpoints)
    {
        var open = endpoints
            .Where(e => e.Metadata.GetMetadata<AccessRule>() is null && e.Metadata.GetMetadata<IAllowAnonymous>() is null)
            .Select(e => e.DisplayName)
            .ToList();
        if (open.Count > 0)
        {
            throw new InvalidOperationException($"endpoints without an access rule: {string.Join(", ", open)}");
        }
    }

    private static Role RoleOf(ClaimsPrincipal user) => Enum.Parse<Role>(user.FindFirstValue(ClaimTypes.Role) ?? nameof(Role.Agent));
}
