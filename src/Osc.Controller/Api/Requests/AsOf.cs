using System.Globalization;
using Osc.Controller.Api.Problems;
using Osc.Controller.History;
using Osc.Controller.Loop;
using Osc.Model;
using Osc.Policy.Explain;
using Osc.Store;

namespace Osc.Controller.Api.Requests;

/// <summary>Reads the parameter "at": a revision by its number, or the one that was current at a time.</summary>
public sealed class AsOf(PolicyLoop policy, PolicyStore store, Explainers explainers)
{
    public const string Description = "A revision, or a time (2026-11-01T12:00:00Z): answers as of then.";

    /// <param name="at">null: now.</param>
    /// <param name="explainer">Of the state that is meant.</param>
    public bool TryRead(string? at, out Explainer explainer, out Problem? problem)
    {
        explainer = explainers.Current;
        problem = null;
        if (at is null)
        {
            return true;
        }

        if (!TryFind(at, out var revision, out problem))
        {
            return false;
        }

        var (found, errors) = explainers.At(revision);
        explainer = found ?? explainer;
        problem = found is null ? Problem.Of(StatusCodes.Status422UnprocessableEntity, $"the documents of revision {revision} are not valid to this controller", [.. errors.Select(ProblemError.Of)]) : null;
        return problem is null;
    }

    private bool TryFind(string at, out Revision revision, out Problem? problem)
    {
        var newest = policy.Current.Revision;
        revision = newest;
        if (long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            revision = new(number);
            problem = number < 1 || number > newest.Number ? Problem.BadParameter("at", $"there is no revision {at}", newest == Revision.None ? "" : $"1 to {newest}") : null;
            return problem is null;
        }

        if (!DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            problem = Problem.BadParameter("at", $"'{at}' is neither a revision nor a time", "a revision's number, or a time: 2026-11-01T12:00:00Z");
            return false;
        }

        var found = store.FindRevisionAt(time)?.Revision;
        problem = found is null ? Problem.BadParameter("at", $"there was no revision yet at {at}") : null;
        revision = found is { } then && then.CompareTo(newest) < 0 ? then : newest;
        return problem is null;
    }
}
