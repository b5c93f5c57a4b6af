using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Osc.Policy;
using Osc.Policy.Explain;

namespace Osc.Cli.Offline;

/// <summary>
/// Answers connections line by line, NDJSON in and out in the same order, while they come: what was read is answered before
/// more is waited for. An answer repeats its connection; one that cannot be answered gets an "error" instead.
/// </summary>
internal sealed class ConnectionLines(State state)
{
    /// <summary>A longer line is no connection.</summary>
    public const int MaxLineBytes = 64 * 1024;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ConnectionDecider decider = new(state);
    private readonly ArrayBufferWriter<byte> answers = new(1 << 16);

    /// <returns>How many lines could not be answered.</returns>
    public async Task<long> AnswerAsync(Stream input, Stream output, CancellationToken cancellation)
    {
        var buffer = new byte[2 * MaxLineBytes];
        var used = 0;
        var failed = 0L;
        var isTooLong = false;
        while (true)
        {
            var read = await input.ReadAsync(buffer.AsMemory(used), cancellation);
            var end = used + read;
            var start = 0;
            for (int length; (length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n')) >= 0; start += length + 1)
            {
                failed += Answer(buffer.AsMemory(start, length), isTooLong) ? 0 : 1;
                isTooLong = false;
            }

            used = end - start;
            buffer.AsSpan(start, used).CopyTo(buffer);
            if (used > MaxLineBytes)
            {
                isTooLong = true;
                used = 0;
            }

            if (read == 0 && (used > 0 || isTooLong))
            {
                failed += Answer(buffer.AsMemory(0, used), isTooLong) ? 0 : 1;
            }

            await output.WriteAsync(answers.WrittenMemory, cancellation);
            await output.FlushAsync(cancellation);
            answers.ResetWrittenCount();
            if (read == 0)
            {
                return failed;
            }
        }
    }

    private bool Answer(ReadOnlyMemory<byte> line, bool isTooLong)
    {
        var isAnswered = false;
        using (var writer = new Utf8JsonWriter(answers, Relaxed))
        {
            writer.WriteStartObject();
            isAnswered = isTooLong ? Fail(writer, $"the line is longer than {MaxLineBytes} bytes") : Answer(line, writer);
            writer.WriteEndObject();
        }

        answers.Write("\n"u8);
        return isAnswered;
    }

    private bool Answer(ReadOnlyMemory<byte> line, Utf8JsonWriter writer)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                return Fail(writer, "the line is no JSON object");
            }

            foreach (var field in json.RootElement.EnumerateObject())
            {
                field.WriteTo(writer);
            }

            var (connection, errors) = ConnectionFinder.Find(state, ExplainQuestion.FromJson(Encoding.UTF8.GetString(line.Span)));
            if (connection is not { } found)
            {
                return Fail(writer, string.Join("; ", errors));
            }

            var answer = ExplainAnswer.Of(found, decider.Decide(found));
            writer.WriteString("verdict", answer.Verdict);
            WriteSide(writer, "out", answer.Out);
            WriteSide(writer, "in", answer.In);
            return true;
        }
        catch (JsonException e)
        {
            return Fail(writer, $"not a connection: {e.Message}");
        }
    }

    private static void WriteSide(Utf8JsonWriter writer, string name, ExplainSide? side)
    {
        if (side is null)
        {
            return;
        }

        writer.WriteStartObject(name);
        writer.WriteString("workload", side.Workload);
        writer.WriteString("action", side.Action);
        writer.WriteString("rule", side.Rule);
        if (side.Chain is not null)
        {
            writer.WriteString("chain", side.Chain);
        }

        writer.WriteEndObject();
    }

    private static bool Fail(Utf8JsonWriter writer, string error)
    {
        writer.WriteString("error", error);
        return false;
    }
}
