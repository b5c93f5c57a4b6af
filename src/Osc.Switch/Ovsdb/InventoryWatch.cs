using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;

namespace Osc.Switch.Ovsdb;

/// <summary>Follows a switch's database.</summary>
internal static class InventoryWatch
{
    /// <inheritdoc cref="ISwitch.WatchAsync"/>
    public static async IAsyncEnumerable<InventoryEvent> RunAsync(
        SwitchSockets sockets, SwitchTiming timing, TimeProvider clock, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // Room for one, the newest: whoever reads slowly wants no history. The last event is the newest too.
        var events = Channel.CreateBounded<InventoryEvent>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var following = FollowAsync(sockets, timing, clock, events.Writer, stop.Token);
        try
        {
            await foreach (var next in events.Reader.ReadAllAsync(cancellation))
            {
                yield return next;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await following;
        }
    }

    private static async Task FollowAsync(
        SwitchSockets sockets, SwitchTiming timing, TimeProvider clock, ChannelWriter<InventoryEvent> events, CancellationToken cancellation)
    {
        try
        {
            using var connection = OvsdbConnection.Open(sockets, timing, clock);
            await connection.SendAsync(InventoryTables.MonitorRequest, cancellation);
            var tables = new InventoryTables();
            while (true)
            {
                using var message = await connection.ReceiveAsync(cancellation);
                if (Take(tables, message.RootElement) is { } error)
                {
                    throw new ConnectionLostException($"{sockets.Database}: {error}");
                }

                events.TryWrite(new InventoryKnown(tables.ToInventory()));
            }
        }
        catch (ConnectionLostException e)
        {
            events.TryWrite(new InventoryLost(e.Message));
        }
        catch (InvalidOperationException e)
        {
            // JsonElement's way to say that a text is no Unicode.
            events.TryWrite(new InventoryLost($"{sockets.Database} sent no JSON: {e.Message}"));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The reader has gone.
        }
        finally
        {
            events.Complete();
        }
    }

    /// <returns>Null, or what was wrong with the message.</returns>
    private static string? Take(InventoryTables tables, JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object)
        {
            return "a message that is no object";
        }

        if (message.TryGetProperty("error", out var error) && error.ValueKind != JsonValueKind.Null)
        {
            return $"the database refused to be followed: {error.GetRawText()}";
        }

        var isUpdate = message.TryGetProperty("method", out var method) && method.ValueKind == JsonValueKind.String && method.ValueEquals("update"u8);
        var hasBody = isUpdate
            ? message.TryGetProperty("params", out var body) && body.ValueKind == JsonValueKind.Array && body.GetArrayLength() == 2
            : message.TryGetProperty("result", out body);
        return hasBody && tables.Update(isUpdate ? body[1] : body) ? null : "an update of an unknown form";
    }
}
