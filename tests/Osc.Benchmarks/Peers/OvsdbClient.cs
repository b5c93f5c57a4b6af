using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Osc.Lab;

namespace Osc.Benchmarks.Peers;

/// <summary>An OVSDB client (RFC 7047) that transacts, and watches NB_Global, as ovn-nbctl --wait does. One caller at a time.</summary>
internal sealed class OvsdbClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Confirmations take seconds at most; after this the question is put again.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(60);

    private readonly Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string database;
    private readonly Dictionary<string, long> global = [];
    private byte[] buffer = new byte[1 << 16];
    private int filled;
    private int number;

    private OvsdbClient(string database) => this.database = database;

    /// <param name="watchesGlobal">Whether the sequence numbers in NB_Global are to be followed.</param>
    public static async Task<OvsdbClient> ConnectAsync(string path, string database, bool watchesGlobal = false)
    {
        var client = new OvsdbClient(database);
        await client.socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        if (watchesGlobal)
        {
            client.Take(await client.CallAsync("monitor", [database, "global", new JsonObject { ["NB_Global"] = new JsonArray(new JsonObject { ["columns"] = new JsonArray("nb_cfg", "sb_cfg", "hv_cfg") }) }]));
        }

        return client;
    }

    /// <returns>The result of each operation.</returns>
    /// <exception cref="LabException">The server refuses one.</exception>
    public async Task<JsonArray> TransactAsync(params IEnumerable<JsonObject> operations)
    {
        var results = (JsonArray)(await CallAsync("transact", [database, .. operations.Select(o => o.DeepClone())]))!; // a transaction's result is an array
        return results.FirstOrDefault(r => r?["error"] is not null) is { } error ? throw new LabException(error.ToJsonString()) : results;
    }

    public async Task<int> CountAsync(string table) =>
        ((JsonArray)(await TransactAsync(new JsonObject { ["op"] = "select", ["table"] = table, ["where"] = new JsonArray(), ["columns"] = new JsonArray("_uuid") }))[0]!["rows"]!).Count;

    /// <summary>Transacts, raises nb_cfg with it, and waits until every chassis says that it has that: what ovn-nbctl --wait=hv does (or --wait=sb, until northd is done).</summary>
    public async Task ConfirmedAsync(IEnumerable<JsonObject> operations, string until = "hv_cfg")
    {
        for (var wanted = await RaiseAsync(operations); global.GetValueOrDefault(until) < wanted;)
        {
            if (await ReceiveAsync(Again) is { } message)
            {
                Hear(message);
            }
            else
            {
                // A controller that lost its switch for a while never answers what it was asked before.
                wanted = await RaiseAsync([]);
            }
        }
    }

    public void Dispose() => socket.Dispose();

    /// <returns>What nb_cfg is then.</returns>
    private async Task<long> RaiseAsync(IEnumerable<JsonObject> operations)
    {
        var results = await TransactAsync(
        [
            .. operations,
            new() { ["op"] = "mutate", ["table"] = "NB_Global", ["where"] = new JsonArray(), ["mutations"] = new JsonArray(new JsonArray("nb_cfg", "+=", 1)) },
            new() { ["op"] = "select", ["table"] = "NB_Global", ["where"] = new JsonArray(), ["columns"] = new JsonArray("nb_cfg") },
        ]);
        return results[^1]!["rows"]![0]!["nb_cfg"]!.GetValue<long>(); // it has one row
    }

    private async Task<JsonNode?> CallAsync(string method, JsonArray parameters)
    {
        var id = ++number;
        await SendAsync(new() { ["method"] = method, ["params"] = parameters, ["id"] = id });
        while (true)
        {
            var message = await ReceiveAsync(Patience) ?? throw new LabException("the OVSDB server does not answer");
            if (message["id"] is JsonValue answered && answered.TryGetValue<int>(out var to) && to == id && message["method"] is null)
            {
                return message["error"] is null ? message["result"] : throw new LabException(message["error"]!.ToJsonString());
            }

            Hear(message);
        }
    }

    private void Hear(JsonObject message)
    {
        if (message["method"]?.GetValue<string>() == "update")
        {
            Take(message["params"]![1]);
        }
    }

    private void Take(JsonNode? tables)
    {
        foreach (var (_, row) in tables?["NB_Global"]?.AsObject() ?? [])
        {
            foreach (var (column, value) in row!["new"]!.AsObject())
            {
                global[column] = value!.GetValue<long>();
            }
        }
    }

    private async Task SendAsync(JsonObject message) => await socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()));

    /// <summary>The next message that is no echo; echoes are answered. null: none came in time.</summary>
    private async Task<JsonObject?> ReceiveAsync(TimeSpan time)
    {
        using var patience = new CancellationTokenSource(time);
        while (true)
        {
            if (TryRead(out var message))
            {
                if (message["method"]?.GetValue<string>() != "echo")
                {
                    return message;
                }

                await SendAsync(new() { ["id"] = message["id"]!.DeepClone(), ["error"] = null, ["result"] = message["params"]!.DeepClone() });
                continue;
            }

            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }

            try
            {
                var read = await socket.ReceiveAsync(buffer.AsMemory(filled), patience.Token);
                filled += read > 0 ? read : throw new LabException("the OVSDB server is gone");
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }
    }

    private bool TryRead(out JsonObject message)
    {
        message = [];
        var reader = new Utf8JsonReader(buffer.AsSpan(0, filled), isFinalBlock: false, default);
        if (!JsonDocument.TryParseValue(ref reader, out var document))
        {
            return false;
        }

        using (document)
        {
            message = JsonObject.Create(document.RootElement.Clone())!; // every message is an object
        }

        var used = (int)reader.BytesConsumed;
        Array.Copy(buffer, used, buffer, 0, filled - used);
        filled -= used;
        return true;
    }
}
