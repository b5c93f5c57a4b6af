using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Osc.Lab;

namespace Osc.Integration.Crash;

/// <summary>
/// A client that changes documents of its own, one act after the other, and remembers what it was answered. What it does next follows from what it knows to
/// stand, so a refusal that is none of the documented ones for a controller in trouble (503) is an error.
/// </summary>
internal sealed class LoadClient(int number, string run, Random random)
{
    private const int Remembered = 4;

    private readonly HashSet<string> standing = [];
    private long count;

    /// <summary>All acts, in order.</summary>
    public List<Act> Acts { get; } = [];

    /// <summary>Tokens that were made and not revoked, by name.</summary>
    public Dictionary<string, (string Id, string Secret)> Tokens { get; } = [];

    /// <summary>How many acts were answered as done.</summary>
    public int DoneActs { get; private set; }

    /// <summary>How many were refused.</summary>
    public int RefusedActs { get; private set; }

    /// <summary>Secrets of tokens that were revoked.</summary>
    public List<string> Revoked { get; } = [];

    /// <summary>Policies of emergencies that are in force, "tenant/name".</summary>
    public List<string> Emergencies { get; } = [];

    /// <summary>A client's connection to a controller.</summary>
    public static HttpClient Connect(Uri server, string token = ControllerProcess.Admin)
    {
        var http = new HttpClient { BaseAddress = new(server, "api/v1/"), Timeout = TimeSpan.FromSeconds(100) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return http;
    }

    /// <summary>Acts until it is told to stop, has done so much, or the controller is gone.</summary>
    public async Task RunAsync(Uri server, CancellationToken stop = default, int acts = int.MaxValue)
    {
        using var http = Connect(server);
        for (var done = 0; done < acts && !stop.IsCancellationRequested; done++)
        {
            if (random.Next(10) == 0 && Acts.LastOrDefault(a => a is { End: ActEnd.Done, IdempotencyKey: not null }) is { } last)
            {
                if (!await RepeatAsync(http, last))
                {
                    return;
                }
            }
            else if (!await DoAsync(http, Next()))
            {
                return;
            }
        }
    }

    /// <summary>Applies what the documents of all clients refer to.</summary>
    public async Task FoundAsync(Uri server)
    {
        using var http = Connect(server);
        var ground = LoadDocuments.Ground();
        var act = With(HttpMethod.Post, "apply", [.. ground.Select(d => new KeyValuePair<string, JsonObject?>(LoadDocuments.KeyOf(d), d))]);
        LogReplay.Demand(await DoAsync(http, act) && act.End == ActEnd.Done, $"not answered: {act}");
    }

    /// <summary>Does something, and remembers the answer.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> DoAsync(HttpClient http, Act act)
    {
        Acts.Add(act);
        try
        {
            using var answer = await http.SendAsync(RequestOf(act), HttpCompletionOption.ResponseHeadersRead);
            act.Status = (int)answer.StatusCode;
            act.RequestId = answer.Headers.GetValues("Osc-Request-Id").Single();
            act.EntityTag = answer.Headers.ETag?.Tag;
            act.End = answer.IsSuccessStatusCode ? ActEnd.Done : act.Status == 503 ? ActEnd.Refused : throw new LabException($"not a documented refusal: {act} {await answer.Content.ReadAsStringAsync()}");
            if (act.End == ActEnd.Done)
            {
                Learn(act);
            }
            else
            {
                RefusedActs++;
            }

            act.Answer = await answer.Content.ReadAsStringAsync();
            LearnFromAnswer(act);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return false;
        }
    }

    /// <summary>Says once more what was answered, and demands the same answer.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="LabException">There was another one.</exception>
    public static async Task<bool> RepeatAsync(HttpClient http, Act done)
    {
        try
        {
            using var answer = await http.SendAsync(RequestOf(done));
            var body = await answer.Content.ReadAsStringAsync();
            return (int)answer.StatusCode == 503 || ((int)answer.StatusCode == done.Status && (done.Answer is null || body == done.Answer) && answer.Headers.Contains("Osc-Repeated"))
                ? true
                : throw new LabException($"repeated, {done} was answered {(int)answer.StatusCode} {body}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return false;
        }
    }

    /// <summary>Takes in that an unanswered act was done after all.</summary>
    public void Learn(Act act)
    {
        act.End = ActEnd.Done;
        DoneActs++;
        foreach (var (key, document) in act.Documents)
        {
            if (document is null)
            {
                standing.Remove(key);
            }
            else
            {
                standing.Add(key);
            }
        }

        if (act.Records is ["emergency.open"])
        {
            Emergencies.Add(PolicyOf(act));
        }
        else if (act.Records is ["emergency.close"])
        {
            Emergencies.Remove(PolicyOf(act));
        }
        else if (act.Records is ["token.revoke"] && Tokens.FirstOrDefault(t => act.Path.EndsWith(t.Value.Id, StringComparison.Ordinal)) is { Key: { } name })
        {
            Revoked.Add(Tokens[name].Secret);
            Tokens.Remove(name);
        }
    }

    /// <summary>Takes in what became of an unanswered act that is not repeatable.</summary>
    public void Settle(Act act, bool isDone)
    {
        if (isDone)
        {
            Learn(act);
        }
        else
        {
            act.End = ActEnd.Refused;
        }
    }

    /// <summary>Lets go of acts that were held against what is there, but for the last.</summary>
    public void Forget() => Acts.RemoveAll(a => a.IsJudged && Acts.IndexOf(a) < Acts.Count - Remembered);

    private static string PolicyOf(Act act) => act.Documents.Keys.Single().Replace("/Policy/", "/", StringComparison.Ordinal);

    private void LearnFromAnswer(Act act)
    {
        if (act.End != ActEnd.Done)
        {
            return;
        }

        if (act.Records is ["token.make"])
        {
            var made = JsonNode.Parse(act.Answer!)!; // a body, since it is done
            Tokens.Add((string)made["token"]!["name"]!, ((string)made["token"]!["id"]!, (string)made["secret"]!));
        }
    }

    private Act Next() => random.Next(20) switch
    {
        < 8 => Put(random.Next(LoadDocuments.Slots)),
        < 13 => Apply(1 + random.Next(LoadDocuments.Slots)),
        < 15 when standing.Where(k => !k.Contains("break", StringComparison.Ordinal)).ToArray() is { Length: > 0 } there => Delete(there[random.Next(there.Length)]),
        < 16 when Acts.LastOrDefault(a => a is { End: ActEnd.Done, Documents.Count: > 0 } && a.Documents.Values.All(d => d is not null) && a.Records.Count == 0) is { } last && IsLast(last) => Same(last),
        < 17 => MakeToken(),
        < 18 when Tokens.Count > 0 => RevokeToken(),
        < 19 => Emergency(),
        19 when Emergencies.Count > 0 => CloseEmergency(),
        _ => Put(random.Next(LoadDocuments.Slots)),
    };

    /// <summary>Whether nothing came after it that could have changed what it did.</summary>
    private bool IsLast(Act act) => Acts.SkipWhile(a => a != act).Skip(1).All(a => !a.Documents.Keys.Any(act.Documents.ContainsKey));

    private Act Put(int slot)
    {
        var entry = LoadDocuments.Of(number, slot, Content());
        return With(HttpMethod.Put, entry.Key, entry);
    }

    private Act Apply(int documents)
    {
        var entries = Enumerable.Range(0, LoadDocuments.Slots).OrderBy(_ => random.Next()).Take(documents).Select(slot => LoadDocuments.Of(number, slot, Content())).ToArray();
        return With(HttpMethod.Post, "apply", entries);
    }

    private Act Delete(string key) => With(HttpMethod.Delete, key, [new(key, null)]);

    /// <summary>What changes nothing, and is answered all the same.</summary>
    private Act Same(Act last) => new() { Id = NextId(), Method = HttpMethod.Post, Path = "apply", Body = $"[{string.Join(',', last.Documents.Values)}]", IdempotencyKey = $"{run}-{number}-{count}" };

    private Act MakeToken()
    {
        var id = NextId();
        return new() { Id = id, Method = HttpMethod.Post, Path = "auth/tokens", Body = $$"""{"name":"{{id}}","grants":[{"role":"viewer"}]}""", Records = ["token.make"] };
    }

    private Act RevokeToken()
    {
        return new() { Id = NextId(), Method = HttpMethod.Delete, Path = $"auth/tokens/{Tokens.First().Value.Id}", Records = ["token.revoke"] };
    }

    private Act Emergency()
    {
        var entry = LoadDocuments.Emergency(number, Content());
        return new() { Id = NextId(), Method = HttpMethod.Post, Path = "emergencies?minutes=600", Body = $"[{entry.Value}]", Documents = new Dictionary<string, JsonObject?>([entry]), Records = ["emergency.open"] };
    }

    private Act CloseEmergency()
    {
        var policy = Emergencies[0];
        return new()
        {
            Id = NextId(),
            Method = HttpMethod.Post,
            Path = $"emergencies/close?policy={Uri.EscapeDataString(policy)}",
            Documents = new Dictionary<string, JsonObject?> { [policy.Replace("/", "/Policy/", StringComparison.Ordinal)] = null },
            Records = ["emergency.close"],
        };
    }

    private Act With(HttpMethod method, string path, params KeyValuePair<string, JsonObject?>[] entries)
    {
        var id = NextId();
        var body = entries is [{ Value: null }] ? null : method == HttpMethod.Put ? entries[0].Value!.ToJsonString() : $"[{string.Join(',', entries.Select(e => e.Value))}]"; // a PUT has one
        return new() { Id = id, Method = method, Path = path, Body = body, IdempotencyKey = id, Documents = new Dictionary<string, JsonObject?>(entries) };
    }

    public static HttpRequestMessage RequestOf(Act act)
    {
        var request = new HttpRequestMessage(act.Method, act.Path);
        request.Headers.Add("Osc-Reason", act.Id);
        if (act.IdempotencyKey is { } key)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        if (act.Body is { } body)
        {
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        }

        return request;
    }

    private string NextId() => string.Create(CultureInfo.InvariantCulture, $"{run}-c{number}-{++count}");

    private long Content() => (++count * 16) + number;
}
