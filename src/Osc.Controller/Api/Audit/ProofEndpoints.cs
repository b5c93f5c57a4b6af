using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Osc.Audit.Merkle;
using Osc.Controller.Api.Json;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Reference;
using Osc.Controller.Api.Security;
using Osc.Controller.Audit;
using Osc.Controller.Configuration;
using Osc.Store;

namespace Osc.Controller.Api.Audit;

/// <summary>Checkpoints of the audit log and proofs of what it holds.</summary>
public static class ProofEndpoints
{
    private const string Tag = "Audit";

    public static void MapAuditProofs(this IEndpointRouteBuilder api)
    {
        api.MapGet("/audit/checkpoint", Checkpoint).Needs(Access.Read, Extent.Permitted).Describe(Tag, "Signs what the audit log is now, to be held elsewhere").Answers<CheckpointAnswer>().Refuses(503);
        api.MapGet("/audit/keys", Keys).Needs(Access.Read, Extent.Permitted).Describe(Tag, "Lists the public keys that verify checkpoints").Answers<AuditKeyList>();
        api.MapGet("/audit/proofs/consistency", Consistency).Needs(Access.Read, Extent.Permitted).Describe(Tag, "Proves that the audit log was only added to").Answers<ConsistencyAnswer>().Refuses(400);
        api.MapGet("/audit/proofs/inclusion", Inclusion).Needs(Access.Audit).Describe(Tag, "Proves that a record is in the audit log").Answers<InclusionAnswer>().Refuses(400);
        api.MapGet("/audit/archives", Archives).Needs(Access.Audit).Describe(Tag, "Lists the files with records that are not in the store any more").Answers<ArchiveList>();
        api.MapGet("/audit/peaks", Peaks).Needs(Access.Audit).Describe(Tag, "Gives what stands for the first records where these are not at hand").Answers<PeaksAnswer>().Refuses(400);
    }

    private static IResult Archives(PolicyStore store) => TypedResults.Json(
        new ArchiveList([.. store.AuditArchives.Read().Select(a => new ArchiveAnswer(a.First, a.Last, a.Time, a.File, a.Sha256, a.Bytes))]), AnswerJson.Types.ArchiveList);

    private static IResult Checkpoint(CheckpointSigner signer)
    {
        try
        {
            var signed = signer.Current();
            return TypedResults.Json(
                new CheckpointAnswer(signed.Checkpoint.Origin, signed.Checkpoint.Size, signed.Checkpoint.Root.ToString(), signed.Time, signed.Note), AnswerJson.Types.CheckpointAnswer);
        }
        catch (RewrittenLogException rewritten)
        {
            return Problem.Of(StatusCodes.Status503ServiceUnavailable, rewritten.Message).ToResult();
        }
    }

    private static IResult Keys(CheckpointSigner signer) =>
        TypedResults.Json(new AuditKeyList([.. signer.Keys.All.Select(k => new AuditKeyAnswer(k.ToString(), k == signer.Keys.Current.Public))]), AnswerJson.Types.AuditKeyList);

    private static IResult Consistency(
        PolicyStore store,
        [FromQuery, Description("The older size.")] string? from,
        [FromQuery, Description("The newer size; the log's, unless said.")] string? to)
    {
        var newest = store.AuditTree.Size;
        return !TryRead("to", to ?? Text(newest), 0, newest, out var newSize, out var problem) || !TryRead("from", from, 0, newSize, out var oldSize, out problem)
            ? problem!.ToResult()
            : TypedResults.Json(new ConsistencyAnswer(oldSize, newSize, Texts(store.AuditTree.ProveConsistency(oldSize, newSize).Hashes)), AnswerJson.Types.ConsistencyAnswer);
    }

    private static IResult Inclusion(
        PolicyStore store,
        [FromQuery, Description("The record's sequence number.")] string? sequence,
        [FromQuery, Description("The size of the tree in which it is; the log's, unless said.")] string? size)
    {
        var tree = store.AuditTree;
        var newest = tree.Size;
        return !TryRead("size", size ?? Text(newest), 1, newest, out var leaves, out var problem) || !TryRead("sequence", sequence, 1, leaves, out var record, out problem)
            ? problem!.ToResult()
            : TypedResults.Json(
                new InclusionAnswer(record, leaves, tree.Leaf(record).ToString(), Texts(tree.ProveInclusion(record, leaves).Hashes)), AnswerJson.Types.InclusionAnswer);
    }

    private static IResult Peaks(PolicyStore store, [FromQuery, Description("How many records.")] string? size) =>
        TryRead("size", size, 0, store.AuditTree.Size, out var leaves, out var problem)
            ? TypedResults.Json(new PeaksAnswer(leaves, Texts(store.AuditTree.Peaks(leaves))), AnswerJson.Types.PeaksAnswer)
            : problem!.ToResult();

    private static bool TryRead(string name, string? text, long least, long greatest, out long number, out Problem? problem)
    {
        problem = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= greatest
            ? null
            : Problem.BadParameter(name, text is null ? "it is missing" : $"'{text}' is not in range", greatest < least ? "" : $"{least} to {greatest}");
        return problem is null;
    }

    private static IReadOnlyList<string> Texts(IEnumerable<TreeHash> hashes) => [.. hashes.Select(h => h.ToString())];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
