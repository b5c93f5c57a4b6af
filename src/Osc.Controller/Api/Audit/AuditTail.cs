using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Osc.Audit;
using Osc.Store;
using Osc.Store.AuditLog;

namespace Osc.Controller.Api.Audit;

/// <summary>Records as they come, as server-sent events: the record's number is the event's id, the record its data.</summary>
/// <param name="query">Which, from its cursor on, in ascending order.</param>
/// <param name="most">The stream ends after so many.</param>
internal sealed class AuditTail(PolicyStore store, AuditQuery query, long most, TimeProvider time)
{
    public const string MediaType = "text/event-stream";

    /// <summary>How often a stream without records shows that it lives.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    /// <summary>Writes until there were enough, or the client or the program leaves.</summary>
    public async Task WriteAsync(Stream stream, CancellationToken left, CancellationToken stopping)
    {
        var changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        void Wake() => changed.Writer.TryWrite(true);

        store.Changed += Wake;
        await using var alive = time.CreateTimer(_ => Wake(), null, Silence, Silence);
        await using var end = stopping.Register(() => changed.Writer.TryComplete());
        try
        {
            var (next, rest) = (query, most);
            do
            {
                var page = store.QueryAudit(next);
                foreach (var record in page.Items.Take((int)Math.Min(rest, int.MaxValue)))
                {
                    await stream.WriteAsync(EventOf(record), left);
                    next = next with { Cursor = record.Sequence };
                    rest--;
                }

                if (page.Items.Count == 0)
                {
                    // A comment: it finds out who is gone.
                    await stream.WriteAsync(":\n\n"u8.ToArray(), left);
                }

                await stream.FlushAsync(left);
                if (page.Next is not null)
                {
                    Wake();
                }
            }
            while (rest > 0 && await changed.Reader.WaitToReadAsync(left) && changed.Reader.TryRead(out _));
        }
        catch (OperationCanceledException) when (left.IsCancellationRequested)
        {
            changed.Writer.TryComplete();
        }
        finally
        {
            store.Changed -= Wake;
        }
    }

    /// <summary>A line of data for each line that the record has.</summary>
    private static byte[] EventOf(AuditRecord record)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            AuditJson.Write(writer, record);
        }

        var data = Encoding.UTF8.GetString(json.ToArray()).ReplaceLineEndings("\ndata: ");
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {record.Sequence}\ndata: {data}\n\n"));
    }
}
