using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Documents;

/// <summary>One document while it is read: what its errors are called, and which of its fields failed.</summary>
internal sealed class DocumentScope(ErrorList errors, string document)
{
    private readonly List<string> failed = [];

    public Kind? Kind { get; init; }

    /// <summary>The tenant that plain names are in.</summary>
    public Name Tenant { get; init; } = Tenants.Default;

    public bool HasFailed => failed.Count > 0;

    /// <summary>A field whose error is reported already.</summary>
    public void Doubt(string path) => failed.Add(path);

    public void Fail(SourcePosition position, string path, string message, string allowed)
    {
        failed.Add(path);
        errors.Add(new(position, document, path, message, allowed));
    }

    /// <summary>
    /// Whether something failed at a field, in it or around it. What was read in its place is made up, so a rule that
    /// the made-up value breaks is no error of the writer's.
    /// </summary>
    public bool IsDoubtful(string path) => failed.Any(f => IsWithin(f, path) || IsWithin(path, f));

    private static bool IsWithin(string path, string outer) =>
        path.StartsWith(outer, StringComparison.Ordinal) && (path.Length == outer.Length || outer.Length == 0 || path[outer.Length] is '.' or '[');
}
