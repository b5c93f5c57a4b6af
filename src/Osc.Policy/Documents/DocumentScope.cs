using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Documents;

/// <summary>One document while it is read: what its errors are called, and which of its fields failed.</summary>
internal sealed class DocumentScope(ErrorList errors, string document)
{
    private readonly HashSet<string> failed = [];

    /// <summary>What failed, and what that is in.</summary>
    private readonly HashSet<string> aroundFailed = [];

    public Kind? Kind { get; init; }

    /// <summary>The tenant that plain names are in.</summary>
    public Name Tenant { get; init; } = Tenants.Default;

    public bool HasFailed => failed.Count > 0;

    /// <summary>A field whose error is reported already.</summary>
    public void Doubt(string path)
    {
        failed.Add(path);
        aroundFailed.UnionWith(Around(path));
    }

    public void Fail(SourcePosition position, string path, string message, string allowed)
    {
        Doubt(path);
        errors.Add(new(position, document, path, message, allowed));
    }

    /// <summary>
    /// Whether something failed at a field, in it or around it. What was read in its place is made up, so a rule that
    /// the made-up value breaks is no error of the writer's.
    /// </summary>
    public bool IsDoubtful(string path) => aroundFailed.Contains(path) || Around(path).Any(failed.Contains);

    /// <summary>A path, and those that it is in: "a.b[1]", "a.b", "a" and "".</summary>
    private static IEnumerable<string> Around(string path)
    {
        yield return path;
        for (var end = path.Length; end > 0;)
        {
            end = Math.Max(0, path.AsSpan(0, end).LastIndexOfAny('.', '['));
            yield return path[..end];
        }
    }
}
