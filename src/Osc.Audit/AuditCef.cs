using System.Globalization;
using System.Text;

namespace Osc.Audit;

/// <summary>
/// Records as messages for a collector: ArcSight's Common Event Format, version 0, inside a syslog message of RFC 5424. The record's number is
/// the externalId, by which one that comes twice is known.
/// </summary>
public static class AuditCef
{
    /// <summary>The longest value of a custom string, in characters.</summary>
    private const int MaxText = 4_000;

    /// <summary>RFC 5424, table 1: log audit.</summary>
    private const int Facility = 13;

    /// <summary>RFC 5424, section 6: the longest MSGID.</summary>
    private const int MaxMessageId = 32;

    /// <param name="host">The controller's machine; without white space.</param>
    /// <param name="version">The product's.</param>
    /// <returns>The message, without a frame around it.</returns>
    public static string Syslog(AuditRecord record, string host, string version)
    {
        var (severity, cef) = SeverityOf(record);
        var id = new string([.. record.Action.Where(c => c is > ' ' and <= '~').Take(MaxMessageId)]);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"<{(Facility * 8) + severity}>1 {record.Time:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'} {host} osc - {(id.Length > 0 ? id : "-")} - CEF:0|Osc|Osc|{Header(version)}|{Header(record.Action)}|{Header(record.Action)}|{cef}|{Extension(record)}");
    }

    /// <summary>Of syslog, where 0 is the worst, and of CEF, where 10 is.</summary>
    private static (int Syslog, int Cef) SeverityOf(AuditRecord record) => record.Action switch
    {
        AuditAction.AuditContradicted => (1, 10),
        AuditAction.AlarmRaise => (4, 7),
        AuditAction.RequestRefused or AuditAction.RolloutRefused => (4, 5),
        _ => (5, 3),
    };

    private static string Extension(AuditRecord record)
    {
        var text = new StringBuilder();
        Add("externalId", record.Sequence.ToString(CultureInfo.InvariantCulture));
        Add("rt", record.Time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        Add("suser", record.Actor);
        Add("src", record.Address);
        Add("outcome", record.Outcome);
        Add("reason", record.Reason);
        AddLabelled("cs1", "tenant", record.Tenant);
        AddLabelled("cs2", "kind", record.Kind);
        AddLabelled("cs3", "name", record.Name);
        AddLabelled("cs4", "requestId", record.RequestId);
        AddLabelled("cs5", "before", record.Before ?? "");
        AddLabelled("cs6", "after", record.After ?? "");
        AddLabelled("cn1", "revision", record.Revision.ToString());
        return text.ToString();

        void AddLabelled(string key, string label, string value)
        {
            Add(key, value);
            Add(key + "Label", value.Length > 0 ? label : "");
        }

        void Add(string key, string value)
        {
            if (value.Length > 0)
            {
                text.Append(text.Length > 0 ? " " : "").Append(key).Append('=').Append(Value(value));
            }
        }
    }

    private static string Header(string text) => OnOneLine(text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal), " ");

    private static string Value(string text)
    {
        var cut = text.Length <= MaxText ? text : text[..(MaxText - 3)] + "...";
        return OnOneLine(cut.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("=", "\\=", StringComparison.Ordinal), "\\n");
    }

    private static string OnOneLine(string text, string lineEnd) => string.Concat(text.ReplaceLineEndings("\n").Select(c => c == '\n' ? lineEnd : char.IsControl(c) ? " " : c.ToString()));
}
