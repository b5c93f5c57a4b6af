using Osc.Controller.Api.Json;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Reference;
using Osc.Controller.Api.Requests;
using Osc.Controller.Api.Security;
using Osc.Controller.Configuration;
using Osc.Controller.History;
using Osc.Controller.Loop;
using Osc.Model;
using Osc.Store;
using Osc.Store.Revisions;

namespace Osc.Controller.Api.Documents;

/// <summary>Who brought each field of a document, when and why.</summary>
/// <param name="IsOlder">Whether fields of the oldest revision that is named may be older still: the document was changed more often than is looked at.</param>
public sealed record BlameAnswer(string Document, IReadOnlyList<BlameField> Fields, bool IsOlder);

/// <param name="Path">The field; an item of a list is told by its name, or by what it is.</param>
/// <param name="Revision">Since when it has this value.</param>
public sealed record BlameField(string Path, string Value, long Revision, DateTimeOffset Time, string Actor, string Reason);

public static class BlameEndpoints
{
    public static void MapBlame(this IEndpointRouteBuilder api) =>
        api.MapGet("/{tenant}/{kind}/{name}/blame", Get).Needs(Access.Read, Extent.Path).Describe("Documents", "Says for each field of a document who brought it, in which revision").Answers<BlameAnswer>().Refuses(404);

    private static IResult Get(PolicyLoop policy, PolicyStore store, string tenant, string kind, string name)
    {
        if (!DocumentPath.TryRead(tenant, kind, name, out var key, out var problem))
        {
            return problem!.ToResult();
        }

        var history = policy.Current.State.Documents.Find(key) is null ? [] : store.ReadHistory(key, store.Current, PolicyStore.MaxLimit);
        if (history.Count == 0)
        {
            return Problem.Of(StatusCodes.Status404NotFound, $"there is no document {key}").ToResult();
        }

        var revisions = new Dictionary<Revision, RevisionInfo?>();
        var fields = Blame.Of(history.Reverse().Select(d => (d.Revision, d.Json))).Select(field =>
        {
            if (!revisions.TryGetValue(field.Since, out var info))
            {
                revisions.Add(field.Since, info = store.FindRevision(field.Since));
            }

            return new BlameField(field.Path, field.Value, field.Since.Number, info?.Time ?? default, info?.Actor ?? "", info?.Reason ?? "");
        });
        return TypedResults.Json(new BlameAnswer(key.ToString(), [.. fields], history.Count == PolicyStore.MaxLimit), AnswerJson.Types.BlameAnswer);
    }
}
