using System.Security.Cryptography;
using System.Text;
using Osc.Controller.Api.Json;
using Osc.Controller.Loop;
using Osc.Policy.Documents;
using Osc.Policy.Planning;

namespace Osc.Controller.Proposals;

/// <summary>
/// What a plan means, as SHA-256: each document before and after, and what becomes of connections, assertions and rules. Two plans of one change have the same digest if
/// nothing that bears on it changed in between, whatever else did.
/// </summary>
public static class PlanDigest
{
    public static string Of(Plan plan, PlanEffects effects)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var step in plan.Documents)
        {
            var before = plan.Before.State.Documents.Find(step.Key) is { } document ? DocumentHash.Of(document) : "none";
            var after = step.After is { } put ? DocumentHash.Of(put) : "none";
            hash.AppendData(Encoding.UTF8.GetBytes($"{step.Key} {before} {after}\n"));
        }

        hash.AppendData(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(effects, AnswerJson.Types.PlanEffects));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
