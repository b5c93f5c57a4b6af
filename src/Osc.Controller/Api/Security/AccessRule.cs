using Microsoft.AspNetCore.Authorization;
using Osc.Controller.Api.Requests;
using Osc.Controller.Configuration;
using Osc.Controller.Identities;
using Osc.Model;

namespace Osc.Controller.Api.Security;

/// <summary>How much of what there is an endpoint is about.</summary>
public enum Extent
{
    /// <summary>All of it: only a grant that is not confined will do.</summary>
    Everything,

    /// <summary>The documents that the path names by its tenant, kind and name.</summary>
    Path,

    /// <summary>What the caller may have of it: the endpoint leaves out, or refuses, the rest by itself.</summary>
    Permitted,
}

/// <summary>What an endpoint asks of its caller, as its metadata.</summary>
public sealed record AccessRule(Access Access, Extent Extent) : IAuthorizationRequirement
{
    public bool IsMetBy(Permissions permissions, RouteValueDictionary path) => Extent switch
    {
        Extent.Everything => permissions.AllowEverything(Access),
        Extent.Permitted => Access == Access.Self || permissions.AllowSome(Access), // who is known may ask who he is
        Extent.Path => IsMetOn(permissions, path),
        _ => throw new InvalidOperationException($"no such extent: {Extent}"),
    };

    /// <summary>What cannot be a document's path leads nowhere, whoever asks; that is not told to somebody without any grant.</summary>
    private bool IsMetOn(Permissions permissions, RouteValueDictionary path)
    {
        if (!DocumentPath.TryTenant(path["tenant"] as string, out var tenant) || !DocumentPath.TryKind(path["kind"] as string, out var kind))
        {
            return permissions.AllowSome(Access);
        }

        return !path.TryGetValue("name", out var text) ? permissions.AllowSomeOf(Access, tenant, kind)
            : Name.TryParse(text as string, out var name) ? permissions.Allow(Access, new(tenant, kind, name))
            : permissions.AllowSome(Access);
    }
}

/// <summary>Lets in who meets the rule of the endpoint.</summary>
internal sealed class AccessRuleHandler : AuthorizationHandler<AccessRule>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, AccessRule requirement)
    {
        if (context.Resource is HttpContext http && requirement.IsMetBy(Caller.PermissionsOf(http), http.Request.RouteValues))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
