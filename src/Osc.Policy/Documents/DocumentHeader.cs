using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Documents;

/// <summary>What a document is called, as far as that can be read: its errors bear this name.</summary>
internal readonly record struct DocumentHeader(Name? Tenant, Kind? Kind, Name? Name)
{
    public DocumentKey? Key => (Tenant, Kind, Name) is ({ } tenant, { } kind, { } name) ? new DocumentKey(tenant, kind, name) : null;

    public static DocumentHeader Of(SourceNode root)
    {
        var document = root as MappingNode;
        var metadata = document?.Find("metadata") as MappingNode;
        var kind = Text(document?.Find("kind"));
        Kind? known = Enum.GetNames<Kind>().Contains(kind) ? Enum.Parse<Kind>(kind!) : null; // a name of the enumeration is not null
        return new(metadata?.Find("tenant") is { } tenant ? NameOf(tenant) : Tenants.Default, known, NameOf(metadata?.Find("name")));
    }

    /// <summary>"tenant/Kind/name" with "?" for what is not known; empty where neither kind nor name is.</summary>
    public override string ToString() => Kind is null && Name is null ? "" : $"{Tenant?.Value ?? "?"}/{Kind?.ToString() ?? "?"}/{Name?.Value ?? "?"}";

    private static string? Text(SourceNode? node) => node is ScalarNode { Type: ScalarType.Text } scalar ? scalar.Text : null;

    private static Name? NameOf(SourceNode? node) => Model.Name.TryParse(Text(node), out var name) ? name : null;
}
