using System.Globalization;
using System.Text.Json;
using Osc.Audit.Checkpoints;
using Osc.Audit.Merkle;
using Osc.Cli.Server;
using Osc.Model;

namespace Osc.Cli.Audit;

/// <summary>What a controller answers about its audit log, as values. What it cannot answer is an <see cref="AuditFailure"/>.</summary>
internal sealed class AuditServer(ApiClient client)
{
    public async Task<HeldCheckpoint> CheckpointAsync(CancellationToken cancellation) =>
        HeldCheckpoint.TryParse((await AskAsync<CheckpointAnswer>("audit/checkpoint", cancellation)).Note, out var checkpoint) ? checkpoint : throw new JsonException("the checkpoint is none");

    public async Task<ValueList<PublicKey>> KeysAsync(CancellationToken cancellation) =>
        (await AskAsync<KeysAnswer>("audit/keys", cancellation)).Items.Select(i => PublicKey.TryParse(i.Key, out var key) ? key : throw new JsonException($"'{i.Key}' is no key")).ToValueList();

    public async Task<ConsistencyProof> ConsistencyAsync(long from, long to, CancellationToken cancellation) =>
        new(from, to, HashesOf((await AskAsync<ProofAnswer>(string.Create(CultureInfo.InvariantCulture, $"audit/proofs/consistency?from={from}&to={to}"), cancellation)).Hashes));

    public async Task<InclusionProof> InclusionAsync(long sequence, long size, CancellationToken cancellation) =>
        new(sequence - 1, size, HashesOf((await AskAsync<ProofAnswer>(string.Create(CultureInfo.InvariantCulture, $"audit/proofs/inclusion?sequence={sequence}&size={size}"), cancellation)).Hashes));

    public async Task<IReadOnlyList<TreeHash>> PeaksAsync(long size, CancellationToken cancellation) =>
        HashesOf((await AskAsync<PeaksAnswer>(string.Create(CultureInfo.InvariantCulture, $"audit/peaks?size={size}"), cancellation)).Peaks);

    /// <summary>All records, oldest first, a line each.</summary>
    public async Task<Stream> ExportAsync(CancellationToken cancellation)
    {
        var (stream, failure) = await client.OpenAsync("audit?order=asc", "application/x-ndjson", cancellation);
        return stream ?? throw new AuditFailure(failure!); // one of the two is there
    }

    private async Task<T> AskAsync<T>(string path, CancellationToken cancellation)
    {
        var answer = await client.SendAsync(ApiRequest.Get(path), cancellation);
        return answer.Body is null ? throw new AuditFailure(answer) : answer.Read<T>();
    }

    private static ValueList<TreeHash> HashesOf(IReadOnlyList<string> texts) =>
        texts.Select(t => TreeHash.TryParse(t, out var hash) ? hash : throw new JsonException($"'{t}' is no hash")).ToValueList();

    private sealed record CheckpointAnswer(string Note);

    private sealed record KeysAnswer(IReadOnlyList<KeyAnswer> Items);

    private sealed record KeyAnswer(string Key);

    private sealed record ProofAnswer(IReadOnlyList<string> Hashes);

    private sealed record PeaksAnswer(IReadOnlyList<string> Peaks);
}

/// <summary>The server has a problem with a request, or there is no server.</summary>
internal sealed class AuditFailure(ApiAnswer answer) : Exception
{
    public ApiAnswer Answer { get; } = answer;
}
