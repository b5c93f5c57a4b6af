using System.Text;
using System.Text.Json;

namespace Osc.Switch.Ovsdb;

/// <summary>
/// Keeps a switch daemon that starts from forwarding before its flows are back (ovs-vswitchd.conf.db(5), other_config:flow-restore-wait). The
/// daemon reads the key from its start on until it has once found it unset, and then never again: a key that is set while it forwards
/// is for its next start. It counts for all bridges of the daemon.
/// </summary>
internal static class ForwardingGate
{
    /// <summary>How long the daemon may take to notice, in milliseconds.</summary>
    private const int NoticeMilliseconds = 2_000;

    /// <summary>Says who set the key, which others set too, as ovs-ctl does for a restart of its own.</summary>
    private const string Mark = """["external_ids","insert",["map",[["osc-flow-restore-wait","true"]]]]""";

    private const string Unset = """["other_config","delete",["set",["flow-restore-wait"]]]""";

    private const string Open = $$"""{"op":"mutate","table":"Open_vSwitch","where":[],"mutations":[{{Unset}},["next_cfg","+=",1]]}""";

    private const string Close =
        $$"""{"op":"mutate","table":"Open_vSwitch","where":[],"mutations":[{{Unset}},["other_config","insert",["map",[["flow-restore-wait","true"]]]],{{Mark}}]}""";

    private const string OpenForGood =
        $$"""
        {"op":"mutate","table":"Open_vSwitch","where":[["external_ids","includes",["map",[["osc-flow-restore-wait","true"]]]]],
        "mutations":[{{Unset}},["external_ids","delete",["set",["osc-flow-restore-wait"]]],["next_cfg","+=",1]]}
        """;

    private const string Counters = """{"op":"select","table":"Open_vSwitch","where":[],"columns":["cur_cfg","next_cfg"]}""";

    /// <summary>Has the daemon forward, if it waits.</summary>
    /// <param name="waitsNextTime">Whether its next start is to wait; if not, the key goes only where it is ours.</param>
    /// <returns>null, or why that is not done.</returns>
    public static async Task<string?> PassAsync(SwitchSockets sockets, (SwitchTiming Timing, TimeProvider Clock) with, bool waitsNextTime, CancellationToken cancellation)
    {
        try
        {
            using var connection = OvsdbConnection.Open(sockets, with.Timing, with.Clock);
            if (!waitsNextTime)
            {
                await TransactAsync(connection, $"{OpenForGood},{Counters}", cancellation);
                return null;
            }

            var (current, wanted) = await TransactAsync(connection, $"{Open},{Counters}", cancellation);
            while (current < wanted)
            {
                // The database answers when the daemon has taken a configuration, this one or another on the way to it.
                var change = $$"""{"op":"wait","timeout":{{NoticeMilliseconds}},"table":"Open_vSwitch","where":[],"columns":["cur_cfg"],"until":"!=","rows":[{"cur_cfg":{{current}}}]}""";
                (current, _) = await TransactAsync(connection, $"{change},{Counters}", cancellation);
            }

            await TransactAsync(connection, $"{Close},{Counters}", cancellation);
            return null;
        }
        catch (ConnectionLostException e)
        {
            return e.Message;
        }
    }

    /// <summary>Does operations, of which the last asks for the counters.</summary>
    private static async Task<(long Current, long Next)> TransactAsync(OvsdbConnection connection, string operations, CancellationToken cancellation)
    {
        await connection.SendAsync(Encoding.UTF8.GetBytes($$"""{"method":"transact","id":"gate","params":["Open_vSwitch",{{operations}}]}"""), cancellation);
        using var answer = await connection.ReceiveAsync(cancellation);
        var results = answer.RootElement.ValueKind == JsonValueKind.Object && answer.RootElement.TryGetProperty("result", out var result) && result.ValueKind == JsonValueKind.Array
            ? result : throw new ConnectionLostException($"the database refused a transaction: {answer.RootElement.GetRawText()}");
        foreach (var part in results.EnumerateArray())
        {
            if (part.ValueKind == JsonValueKind.Object && part.TryGetProperty("error", out var error))
            {
                throw new ConnectionLostException($"the switch daemon was not told to forward: {error.GetRawText()}");
            }
        }

        var last = results[results.GetArrayLength() - 1];
        return last.TryGetProperty("rows", out var rows) && rows.ValueKind == JsonValueKind.Array && rows.GetArrayLength() == 1
            && OvsdbValue.Number(rows[0], "cur_cfg") is { } current && OvsdbValue.Number(rows[0], "next_cfg") is { } next
            ? (current, next)
            : throw new ConnectionLostException("the database has no row of the switch itself");
    }
}
