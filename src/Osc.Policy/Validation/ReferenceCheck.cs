using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Indexes;

namespace Osc.Policy.Validation;

/// <summary>Checks that what documents name is there, and that the tenant may name it.</summary>
internal static class ReferenceCheck
{
    public static void Check(Findings findings)
    {
        foreach (var document in findings.Documents)
        {
            Check(findings, document);
        }
    }

    /// <summary>Checks all that one document names.</summary>
    public static void Check(Findings findings, Document document)
    {
        foreach (var reference in References.Of(document))
        {
            Check(findings, document, reference);
        }
    }

    /// <summary>Whether all that a document or a part of it names is there and may be named by it. No error says that it is not: <see cref="Check(Findings, Document)"/> does.</summary>
    public static bool IsSound(DocumentSet documents, Document part)
    {
        var home = part.Metadata.Tenant;
        return Targets.Of(part).Where(t => !GlobalNames.Have(t.Kind) && t.Kind != Kind.DnsName).Distinct().All(t => documents.Find(t) is { } named && MayName(home, named));
    }

    /// <summary>Whether documents of a tenant may name a document, which is there.</summary>
    public static bool MayName(Name home, Document document) =>
        document.Metadata.Tenant == home || home == Tenants.System || (IsShareable(document.Kind) && IsShared(document));

    private static void Check(Findings findings, Document document, Reference reference)
    {
        var home = document.Metadata.Tenant;
        var (path, kind, name) = reference;
        if (!findings.Exists(new(name.Tenant, kind, name.Name)))
        {
            findings.Add(document, path, $"there is no {kind} {name}", AllowedFor(kind, home), new(name.ToString(home), () => findings.NamesFor(kind, home)));
        }
        else if (name.Tenant != home && home != Tenants.System && !IsShareable(kind))
        {
            findings.Add(document, path, $"the {kind} {name} is another tenant's", $"any {kind} of tenant {home}; only tenant {Tenants.System} names those of others");
        }
        else if (name.Tenant != home && home != Tenants.System && !IsShared(findings.Documents.Find(new(name.Tenant, kind, name.Name))))
        {
            findings.Add(document, path, $"the {kind} {name} is not shared", $"any {kind} of tenant {home}, or one of another tenant that says 'shared: true'");
        }
    }

    private static bool IsShareable(Kind kind) => kind is Kind.SecurityGroup or Kind.Service;

    /// <summary>One that could not be read is taken for shared: what it says is not known.</summary>
    private static bool IsShared(Document? document) => document switch
    {
        SecurityGroupDocument group => group.Shared,
        ServiceDocument service => service.Shared,
        _ => true,
    };

    private static string AllowedFor(Kind kind, Name home) => home == Tenants.System
        ? $"any {kind} that is there, as name or tenant/name"
        : IsShareable(kind) ? $"any {kind} of tenant {home}, or tenant/name of a shared one" : $"any {kind} of tenant {home}";
}
