using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Osc.Controller.Api.Json;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Reference;
using Osc.Controller.Api.Requests;
using Osc.Controller.Configuration;
using Osc.Controller.Identities;
using Osc.Model;

namespace Osc.Controller.Api.Security;

/// <summary>Who the caller is to the controller.</summary>
/// <param name="Name">The actor in the audit log.</param>
/// <param name="By">By what he showed it: token, storedToken, oidc, certificate, development.</param>
/// <param name="Expires">When that ends to count; null: not by itself.</param>
public sealed record WhoAmIAnswer(string Name, string By, DateTimeOffset? Expires, IReadOnlyList<GrantText> Grants);

/// <param name="Allowed">Whether the caller may.</param>
/// <param name="Question">The question, as it was understood.</param>
/// <param name="By">The grants that say so.</param>
public sealed record CanIAnswer(bool Allowed, string Question, IReadOnlyList<GrantText> By);

/// <summary>The parameters of the question what one may do.</summary>
public sealed record CanIParameters(
    [property: FromQuery(Name = "access"), Description("read, write, approve, audit or admin.")] string? Access,
    [property: FromQuery(Name = "tenant"), Description("In this tenant; else everywhere.")] string? Tenant,
    [property: FromQuery(Name = "kind"), Description("With documents of this kind; else with everything of the tenant.")] string? Kind,
    [property: FromQuery(Name = "name"), Description("With the document of this name; else with any of the kind.")] string? Name);

public static class AuthEndpoints
{
    private const string Tag = "Access";

    private const string AllowedAccess = "read, write, approve, audit, admin";

    /// <summary>Stands for all names where a grant confines none.</summary>
    private static readonly Name AnyName = Name.Parse("any");

    public static void MapAuth(this IEndpointRouteBuilder api)
    {
        api.MapGet("/auth/whoami", WhoAmI).Needs(Access.Self, Extent.Permitted).Describe(Tag, "Says who the caller is, and what is granted").Answers<WhoAmIAnswer>();
        api.MapGet("/auth/can-i", CanI).Needs(Access.Self, Extent.Permitted).Describe(Tag, "Says whether the caller may do something, and by which grants").Answers<CanIAnswer>().Refuses(400);
    }

    private static IResult WhoAmI(HttpContext context)
    {
        var caller = Caller.IdentityOf(context) ?? throw new InvalidOperationException("the rule lets nobody in who is not known");
        return TypedResults.Json(
            new WhoAmIAnswer(caller.ActorName, caller.Source, caller.Expires, [.. caller.Permissions.Grants.Select(GrantText.Of)]), AnswerJson.Types.WhoAmIAnswer);
    }

    private static IResult CanI(HttpContext context, [AsParameters] CanIParameters parameters)
    {
        var (test, problem) = Read(parameters);
        if (test is null)
        {
            return problem!.ToResult();
        }

        var grants = Caller.PermissionsOf(context).Grants.Where(test).Select(GrantText.Of).ToArray();
        var where = (parameters.Tenant, parameters.Kind, parameters.Name) switch
        {
            (null, _, _) => "everything",
            (var tenant, null, _) => $"everything of tenant {tenant}",
            (var tenant, var kind, null) => $"every {kind} of tenant {tenant}",
            var (tenant, kind, name) => $"{tenant}/{kind}/{name}",
        };
        return TypedResults.Json(new CanIAnswer(grants.Length > 0, $"{parameters.Access} {where}", grants), AnswerJson.Types.CanIAnswer);
    }

    private static (Func<Grant, bool>? Test, Problem? Problem) Read(CanIParameters parameters)
    {
        var (tenant, kind, name) = (default(Name), default(Model.Documents.Kind), default(Name));
        var problem = !(parameters.Access?.All(char.IsAsciiLetter) == true && Enum.TryParse<Access>(parameters.Access, ignoreCase: true, out _)) ? Problem.BadParameter("access", $"'{parameters.Access}' is none", AllowedAccess)
            : parameters.Tenant is not null && !Name.TryParse(parameters.Tenant, out tenant) ? Problem.BadParameter("tenant", $"'{parameters.Tenant}' is no name", Name.Allowed)
            : parameters.Kind is not null && !DocumentPath.TryKind(parameters.Kind, out kind) ? Problem.BadParameter("kind", $"there is no kind '{parameters.Kind}'", DocumentPath.AllowedKinds)
            : parameters.Name is not null && !Name.TryParse(parameters.Name, out name) ? Problem.BadParameter("name", $"'{parameters.Name}' is no name", Name.Allowed)
            : parameters is { Tenant: null } and not { Kind: null, Name: null } ? Problem.BadParameter("tenant", "a kind or a name is asked for within a tenant", "a tenant's name")
            : parameters is { Kind: null, Name: not null } ? Problem.BadParameter("kind", "a name is asked for within a kind", DocumentPath.AllowedKinds)
            : null;
        if (problem is not null)
        {
            return (null, problem);
        }

        var access = Enum.Parse<Access>(parameters.Access!, ignoreCase: true); // read above
        return (parameters switch
        {
            { Tenant: null } => g => g.AllowsEverything(access),
            { Kind: null } => g => g.AllowsAllOf(access, tenant) && Enum.GetValues<Model.Documents.Kind>().All(k => AllowsAny(g, access, tenant, k)),
            { Name: null } => g => AllowsAny(g, access, tenant, kind),
            _ => g => g.Allows(access, new(tenant, kind, name)),
        }, null);
    }

    private static bool AllowsAny(Grant grant, Access access, Name tenant, Model.Documents.Kind kind) =>
        grant.Scope.Names is null && grant.Allows(access, new(tenant, kind, kind == Model.Documents.Kind.Tenant ? tenant : AnyName));
}
