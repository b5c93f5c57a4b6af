using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Osc.Agent.Logging;

public enum LogFormat
{
    /// <summary>For people: time, level, message, name=value.</summary>
    Text,

    /// <summary>A JSON object a line.</summary>
    Json,
}

/// <summary>One line an event.</summary>
/// <param name="journal">
/// Whether lines go to systemd's journal, which keeps the time itself and takes the level from a prefix (sd-daemon(3)).
/// </param>
public sealed class ConsoleLog(TextWriter output, LogFormat format, LogLevel least, bool journal, TimeProvider time) : IAgentLog
{
    private readonly Lock gate = new();

    public void Write(LogLevel level, string message, params ReadOnlySpan<(string Name, object? Value)> fields)
    {
        if (level < least)
        {
            return;
        }

        var line = format == LogFormat.Json ? JsonLine(level, message, fields) : TextLine(level, message, fields);
        lock (gate)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }

    private string TextLine(LogLevel level, string message, ReadOnlySpan<(string Name, object? Value)> fields)
    {
        var line = new StringBuilder();
        if (journal)
        {
            line.Append(CultureInfo.InvariantCulture, $"<{SyslogLevel(level)}>");
        }
        else
        {
            line.Append(CultureInfo.InvariantCulture, $"{Now()} {NameOf(level),-7} ");
        }

        line.Append(message);
        foreach (var (name, value) in fields)
        {
            if (value is not null)
            {
                line.Append(' ').Append(name).Append('=').Append(Quote(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
            }
        }

        return line.ToString();
    }

    private string JsonLine(LogLevel level, string message, ReadOnlySpan<(string Name, object? Value)> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("time", Now());
            json.WriteString("level", NameOf(level));
            json.WriteString("message", message);
            foreach (var (name, value) in fields)
            {
                switch (value)
                {
                    case null:
                        break;
                    case int or long or double:
                        json.WritePropertyName(name);
                        json.WriteRawValue(Convert.ToString(value, CultureInfo.InvariantCulture)!);
                        break;
                    default:
                        json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture));
                        break;
                }
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private string Now() => time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Debug => "debug",
        LogLevel.Info => "info",
        LogLevel.Warning => "warning",
        _ => "error",
    };

    private static int SyslogLevel(LogLevel level) => level switch
    {
        LogLevel.Debug => 7,
        LogLevel.Info => 6,
        LogLevel.Warning => 4,
        _ => 3,
    };

    /// <summary>A value with white space, quotes or control characters is written as a JSON string, so that a line stays a line.</summary>
    private static string Quote(string value) =>
        value.Length > 0 && value.All(c => c is > ' ' and not '"' and not '=' and not '\x7f') ? value : $"\"{JsonEncodedText.Encode(value, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
