using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Documents;
using Osc.Policy.Validation;

namespace Osc.Lab;

/// <summary>One of the directories below policies/, read and validated, and a change of a label that shows something in it.</summary>
public sealed record PolicySet(string Name, string DirectoryPath, State State, LabelChange Change)
{
    private static readonly (string Name, LabelChange Change)[] Known =
    [
        ("three-tier-shop", new(QualifiedName.Parse("shop/legacy-1"), "legacy", null)),
        ("multi-tenant-cluster", new(QualifiedName.Parse("red/worker-1"), "track", "stable")),
        ("telco", new(QualifiedName.Parse("mobile/smf-1"), "quarantine", "true")),
    ];

    public static IEnumerable<string> Names => Known.Select(k => k.Name);

    /// <summary>The repository that this program was built in: the directory above it that has policies/.</summary>
    /// <exception cref="LabException">The program is elsewhere.</exception>
    public static string Repository { get; } = FindRepository();

    /// <exception cref="LabException">There is no such set, or its documents are not valid; with all errors.</exception>
    public static PolicySet Read(string name)
    {
        var change = Known.Where(k => k.Name == name).Select(k => k.Change).FirstOrDefault()
            ?? throw new LabException($"there is no policy set '{name}': {string.Join(", ", Names)}");
        var path = Path.Combine(Repository, "policies", name);
        var read = DocumentDirectory.Read(path);
        var result = StateValidator.Validate(default, DocumentSet.Of(read.Documents));
        return result.State is { } state && read.Errors.Count == 0
            ? new(name, path, state, change)
            : throw new LabException(string.Join('\n', read.Errors.Concat(result.Errors)));
    }

    /// <summary>The state after the change.</summary>
    public State Changed() => StateValidator.Validate(State.Revision, State.Documents.With(Change.Apply(State.Documents))).State
        ?? throw new LabException($"{Name} is not valid any more after its change");

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(folder.FullName, "policies")))
        {
            folder = folder.Parent ?? throw new LabException($"no directory 'policies' above {AppContext.BaseDirectory}");
        }

        return folder.FullName;
    }
}
