using Osc.Model;
using Osc.Policy;
using Osc.Policy.Documents;
using Osc.Policy.Validation;

namespace Osc.Cli.Offline;

/// <summary>A directory of documents, read and validated: a state, or everything that is wrong.</summary>
internal sealed record LoadedState(State? State, ValueList<DocumentError> Errors, ReadResult Read)
{
    /// <summary>A state from files has no history: it is its first revision.</summary>
    private static readonly Revision OfFiles = new(1);

    public static LoadedState Of(string path)
    {
        var read = DocumentDirectory.Read(path);
        var (state, errors) = StateValidator.Validate(OfFiles, read);
        return new(state, errors, read);
    }

    /// <summary>As <see cref="Of"/>, and refused too where something in it is not enforced yet.</summary>
    public static LoadedState Enforceable(string path)
    {
        var loaded = Of(path);
        var errors = loaded.State is { } state ? EnforcementCheck.Check(state.Documents, loaded.Read.Sources) : [];
        return errors.Count == 0 ? loaded : loaded with { State = null, Errors = errors };
    }
}
