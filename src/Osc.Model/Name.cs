namespace Osc.Model;

/// <summary>A document's name: an RFC 1123 label, 1 to 63 of a-z, 0-9 and '-', with no '-' at either end.</summary>
public readonly record struct Name : IComparable<Name>
{
    /// <summary>What a name may look like, for error texts.</summary>
    public const string Allowed = "1 to 63 characters of a-z, 0-9 and '-', beginning and ending with a letter or digit";

    private readonly string? value;

    private Name(string value) => this.value = value;

    public string Value => value ?? throw new InvalidOperationException("a default Name has no value");

    public static bool TryParse(string? text, out Name name)
    {
        name = default;
        if (text is null || text.Length is 0 or > 63 || text[0] == '-' || text[^1] == '-')
        {
            return false;
        }

        foreach (var c in text)
        {
            if (c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '-'))
            {
                return false;
            }
        }

        name = new(text);
        return true;
    }

    /// <exception cref="FormatException">The text is no RFC 1123 label.</exception>
    public static Name Parse(string text) => TryParse(text, out var name) ? name : throw new FormatException($"'{text}' is not a name: {Allowed}");

    public int CompareTo(Name other) => string.CompareOrdinal(value, other.value);

    public override string ToString() => value ?? "";
}

/// <summary>The tenants whose name has a meaning of its own.</summary>
public static class Tenants
{
    /// <summary>The tenant of a document that names none.</summary>
    public static readonly Name Default = Name.Parse("default");

    /// <summary>The platform's own tenant: its policies stand in every tenant's workloads.</summary>
    public static readonly Name System = Name.Parse("system");
}

/// <summary>A name within a tenant, written "tenant/name": a group, a service, a workload, a network or a vrf.</summary>
public readonly record struct QualifiedName(Name Tenant, Name Name) : IComparable<QualifiedName>
{
    /// <summary>Reads "tenant/name", or "name" in <paramref name="home"/>.</summary>
    public static bool TryParse(string? text, Name home, out QualifiedName qualified)
    {
        qualified = default;
        if (text is null)
        {
            return false;
        }

        var slash = text.IndexOf('/');
        var tenant = home;
        if (slash >= 0 && !Name.TryParse(text[..slash], out tenant))
        {
            return false;
        }

        if (!Name.TryParse(text[(slash + 1)..], out var name))
        {
            return false;
        }

        qualified = new(tenant, name);
        return true;
    }

    /// <summary>Reads "tenant/name".</summary>
    /// <exception cref="FormatException">The text has another form.</exception>
    public static QualifiedName Parse(string text) =>
        text.Contains('/') && TryParse(text, default, out var qualified) ? qualified : throw new FormatException($"'{text}' is not of the form tenant/name");

    public int CompareTo(QualifiedName other)
    {
        var byTenant = Tenant.CompareTo(other.Tenant);
        return byTenant != 0 ? byTenant : Name.CompareTo(other.Name);
    }

    public override string ToString() => $"{Tenant}/{Name}";

    /// <summary>"name" in its own tenant, else "tenant/name": how a document in <paramref name="home"/> writes it.</summary>
    public string ToString(Name home) => Tenant == home ? Name.ToString() : ToString();
}
