using Microsoft.AspNetCore.Authorization;
using Osc.Controller.Configuration;
using Osc.Controller.Identities;

namespace Osc.Controller.Api.Security;

/// <summary>
/// Deny by default: an endpoint says by an <see cref="AccessRule"/> what it needs, or that it is anonymous; one that says neither
/// keeps the controller from starting. A path that leads nowhere still asks for a token, so that it tells a stranger nothing.
/// </summary>
public static class Authorization
{
    public static void AddOscSecurity(this IServiceCollection services)
    {
        services.AddSingleton<TokenRegistry>();
        services.AddSingleton<SignedTokens>();
        services.AddSingleton<ClientCertificates>();
        services.AddSingleton<AccessLog>();
        services.AddHostedService(provider => provider.GetRequiredService<AccessLog>());
        // Not AddAuthentication: it would bring data protection along, which writes keys into the home directory.
        services.AddWebEncoders();
        services.AddTransient<CallerAuthentication>();
        services.AddAuthenticationCore(authentication =>
        {
            authentication.DefaultScheme = CallerAuthentication.SchemeName;
            authentication.AddScheme<CallerAuthentication>(CallerAuthentication.SchemeName, null);
        });
        services.AddSingleton<IAuthorizationHandler, AccessRuleHandler>();
        services.AddAuthorization(authorization => authorization.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
    }

    /// <summary>Says what an endpoint needs; of everything there is, unless it says otherwise.</summary>
    public static T Needs<T>(this T endpoint, Access access, Extent extent = Extent.Everything)
        where T : IEndpointConventionBuilder
    {
        var rule = new AccessRule(access, extent);
        return endpoint.RequireAuthorization(policy => policy.RequireAuthenticatedUser().AddRequirements(rule)).WithMetadata(rule);
    }

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
}
