using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Osc.Integration.WholeSystem;

namespace Osc.Integration.Crash;

/// <summary>
/// Holds a controller that was killed, or had no room, against what its clients remember: through the REST API and the program osc alone.
/// The checkpoint that it holds is one that a client got before.
/// </summary>
internal sealed class OutsideChecker(string directory, IReadOnlyList<LoadClient> clients, Random random)
{
    private const int PastRevisions = 3;

    private readonly LogReplay log = new();
    private readonly HashSet<string> known = [];
    private string? held;
    /// <summary>Acts that were answered as done and are there.</summary>
    public int Kept { get; private set; }

    /// <summary>Acts that were refused and left nothing.</summary>
    public int Refused { get; private set; }

    /// <summary>Acts without an answer: those that were done, and those that were not and are now.</summary>
    public (int Done, int Undone) Unanswered { get; private set; }

    public long Revisions => log.Revision;

    public long Records => log.Size;

    /// <summary>Gets a checkpoint, to be held until the next check.</summary>
    public async Task HoldAsync(HttpClient http)
    {
        try
        {
            using var answer = await http.GetAsync("audit/checkpoint");
            if (answer.IsSuccessStatusCode)
            {
                held = (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["note"]; // JSON, since it is well
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // The one before is held on.
        }
    }

    /// <exception cref="Osc.Lab.LabException">Something acknowledged is gone, something is half there, or the log has a gap.</exception>
    public async Task CheckAsync(Uri server)
    {
        using var http = LoadClient.Connect(server);
        await CheckLogAsync(http);
        await CheckActsAsync(http);
        await CheckStateAsync(http);
        await CheckTokensAsync(http, server);
        await VerifyAsync(server, http);
    }

    private async Task CheckLogAsync(HttpClient http)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "audit?order=asc");
        request.Headers.Add("Accept", "application/x-ndjson");
        using var answer = (await http.SendAsync(request)).EnsureSuccessStatusCode();
        var export = await answer.Content.ReadAsStringAsync();
        await File.WriteAllTextAsync(Path.Combine(directory, "export.ndjson"), export, new UTF8Encoding(false));
        log.Take(export);

        known.UnionWith(clients.SelectMany(c => c.Acts).Select(a => a.Id));
        LogReplay.Demand(log.Reasons.All(known.Contains), "the log has what nobody asked for");
    }

    /// <summary>Each act of before is there as it was answered; what was not answered is there wholly or not at all, and is there once when it is said again.</summary>
    private async Task CheckActsAsync(HttpClient http)
    {
        foreach (var client in clients)
        {
            foreach (var act in client.Acts.Where(a => a is { End: ActEnd.Done, IsJudged: false }))
            {
                var there = log.Find(act);
                LogReplay.Demand(act.LeavesNothing ? there is null : there is not null && (act.Revision is not { } answered || there == answered), $"gone, or elsewhere ({there}): {act}");
                act.IsJudged = true;
                Kept++;
            }

            foreach (var act in client.Acts.Where(a => a.End == ActEnd.Refused))
            {
                LogReplay.Demand(log.Find(act) is null, $"done, although refused: {act}");
                act.IsJudged = true;
                Refused++;
            }

            foreach (var act in client.Acts.Where(a => a.End == ActEnd.Unanswered).ToArray())
            {
                await ResolveAsync(http, client, act);
            }

            foreach (var done in client.Acts.Where(a => a is { End: ActEnd.Done, IdempotencyKey: not null }).TakeLast(2))
            {
                LogReplay.Demand(await LoadClient.RepeatAsync(http, done), "no answer to a repeated request");
            }

            // What they left is checked at every later export by its bytes.
            client.Forget();
        }
    }

    private async Task ResolveAsync(HttpClient http, LoadClient client, Act act)
    {
        var there = log.Find(act);
        Unanswered = there is null ? (Unanswered.Done, Unanswered.Undone + 1) : (Unanswered.Done + 1, Unanswered.Undone);
        if (act.IdempotencyKey is null)
        {
            client.Settle(act, there is not null);
            return;
        }

        using var answer = await http.SendAsync(LoadClient.RequestOf(act));
        var body = await answer.Content.ReadAsStringAsync();
        var revision = (long?)JsonNode.Parse(body)?["revision"];
        LogReplay.Demand(answer.IsSuccessStatusCode, $"said again, {act} was refused: {body}");
        LogReplay.Demand(there is null || (answer.Headers.Contains("Osc-Repeated") && revision == there), $"{act} was done, and said again it was answered {body}");
        LogReplay.Demand(there is not null || act.LeavesNothing || (!answer.Headers.Contains("Osc-Repeated") && revision > log.Revision), $"{act} was not done, and said again it was answered {body}");
        act.Answer = body;
        act.EntityTag = answer.Headers.ETag?.Tag;
        act.Status = (int)answer.StatusCode;
        client.Learn(act);
    }

    /// <summary>The documents now and at some revisions are what the log says, and each revision has its records.</summary>
    private async Task CheckStateAsync(HttpClient http)
    {
        // Said again in between: what stands is as of a revision that the log has.
        await CheckLogAsync(http);
        await CompareAsync("documents?limit=1000", log.Revision);
        foreach (var revision in Enumerable.Range(0, PastRevisions).Select(_ => random.NextInt64(1, log.Revision + 1)))
        {
            await CompareAsync($"revisions/{revision}/documents?limit=1000", revision);
        }

        var revisions = JsonNode.Parse(await http.GetStringAsync("revisions?limit=1000"))!["items"]!.AsArray(); // a list has items
        LogReplay.Demand(
            revisions.Select(r => ((long)r!["revision"]!, (int)r["changes"]!)).SequenceEqual(Enumerable.Range(1, (int)log.Revision).Reverse().Take(1000).Select(r => ((long)r, log.Changes[r - 1]))),
            "revisions and their records do not go together");

        async Task CompareAsync(string path, long revision)
        {
            var items = JsonNode.Parse(await http.GetStringAsync(path))!["items"]!.AsArray(); // a list has items
            var stand = items.Select(i => i!["document"] as JsonObject ?? i.AsObject()).ToDictionary(LoadDocuments.KeyOf, d => d.ToJsonString());
            var said = log.DocumentsAt(revision);
            LogReplay.Demand(stand.Count == said.Count && stand.All(d => said.TryGetValue(d.Key, out var json) && JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(d.Value))), $"at revision {revision} the documents are not what the log says");
        }
    }

    private async Task CheckTokensAsync(HttpClient http, Uri server)
    {
        var listed = JsonNode.Parse(await http.GetStringAsync("auth/tokens"))!["items"]!.AsArray(); // a list has items
        LogReplay.Demand(log.Tokens.SetEquals(listed.Where(t => (string?)t!["state"] == "live").Select(t => (string)t!["name"]!)), "tokens are not those that the log says");
        foreach (var client in clients)
        {
            await AskAsync(client.Tokens.Values.Select(t => t.Secret), HttpStatusCode.OK);
            await AskAsync(client.Revoked.TakeLast(1), HttpStatusCode.Unauthorized);
        }

        async Task AskAsync(IEnumerable<string> secrets, HttpStatusCode expected)
        {
            foreach (var secret in secrets)
            {
                using var holder = LoadClient.Connect(server, secret);
                using var answer = await holder.GetAsync("auth/whoami");
                LogReplay.Demand(answer.StatusCode == expected, $"a token is answered {answer.StatusCode} instead of {expected}");
            }
        }
    }

    /// <summary>By the program osc: the server's log, and the export, against the checkpoint of before.</summary>
    private async Task VerifyAsync(Uri server, HttpClient http)
    {
        var (checkpoint, keys) = (Path.Combine(directory, "held.checkpoint"), Path.Combine(directory, "held.keys"));
        if (!File.Exists(keys))
        {
            await File.WriteAllTextAsync(keys, await KeysAsync(http));
        }

        if (held is not null)
        {
            await File.WriteAllTextAsync(checkpoint, held);
            await OscAsync("audit", "verify", Path.Combine(directory, "export.ndjson"), "--checkpoint", checkpoint, "--keys", keys);
            await OscAsync("audit", "verify", "--server", server.ToString(), "--checkpoint", checkpoint, "--keys", keys);
        }

        await HoldAsync(http);

        async Task OscAsync(params string[] arguments)
        {
            var run = await ProgramRun.OfAsync("osc", arguments, new Dictionary<string, string> { ["OSC_TOKEN"] = ControllerProcess.Admin });
            LogReplay.Demand(run.ExitCode == 0, $"osc {string.Join(' ', arguments)}: {run.ExitCode} {run.Output}{run.Error}");
        }
    }

    private static async Task<string> KeysAsync(HttpClient http) =>
        string.Concat(JsonNode.Parse(await http.GetStringAsync("audit/keys"))!["items"]!.AsArray().Select(k => $"{k!["key"]}\n")); // a list has items
}
