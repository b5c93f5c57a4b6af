namespace Osc.Model.Documents;

/// <summary>The kinds of documents. Their order is the order in which they are listed and printed.</summary>
public enum Kind
{
    Tenant,
    Cloud,
    Network,
    Host,
    Workload,
    DnsName,
    SecurityGroup,
    Service,
    Policy,
    InspectionChain,
    Assertion,
}

/// <summary>Names a document.</summary>
public readonly record struct DocumentKey(Name Tenant, Kind Kind, Name Name) : IComparable<DocumentKey>
{
    public QualifiedName QualifiedName => new(Tenant, Name);

    public int CompareTo(DocumentKey other)
    {
        var byTenant = Tenant.CompareTo(other.Tenant);
        if (byTenant != 0)
        {
            return byTenant;
        }

        var byKind = ((int)Kind).CompareTo((int)other.Kind); // an enum's own comparison makes objects
        return byKind != 0 ? byKind : Name.CompareTo(other.Name);
    }

    public override string ToString() => $"{Tenant}/{Kind}/{Name}";
}

/// <summary>What every document says about itself.</summary>
public sealed record Metadata(Name Name, Name Tenant, Labels Labels)
{
    public Metadata(Name name, Name tenant)
        : this(name, tenant, Labels.Empty)
    {
    }

    public QualifiedName QualifiedName => new(Tenant, Name);
}

/// <summary>
/// One object of intent or inventory. References inside are already qualified with the tenant they name;
/// whether they lead anywhere is a question to a set of documents, not to one.
/// </summary>
public abstract record Document(Metadata Metadata)
{
    public const string ApiVersion = "osc/v1";

    public abstract Kind Kind { get; }

    public DocumentKey Key => new(Metadata.Tenant, Kind, Metadata.Name);

    public QualifiedName QualifiedName => Metadata.QualifiedName;
}
