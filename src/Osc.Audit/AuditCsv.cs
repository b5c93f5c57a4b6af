using System.Buffers;
using System.Globalization;

namespace Osc.Audit;

/// <summary>
/// Records as RFC 4180 has it: a header, a line each, CRLF. For spreadsheets and not for proofs: a text that a spreadsheet would take for a formula has an apostrophe
/// put in front.
/// </summary>
public static class AuditCsv
{
    public const string Header = "sequence,time,actor,address,requestId,action,tenant,kind,name,revision,reason,outcome,before,after\r\n";

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");

    /// <summary>A record's line.</summary>
    public static string Line(AuditRecord record) => string.Join(',',
    [
        record.Sequence.ToString(CultureInfo.InvariantCulture),
        record.Time.ToString(TimeFormat, CultureInfo.InvariantCulture),
        .. new[] { record.Actor, record.Address, record.RequestId, record.Action, record.Tenant, record.Kind, record.Name }.Select(Cell),
        record.Revision.ToString(),
        .. new[] { record.Reason, record.Outcome, record.Before ?? "", record.After ?? "" }.Select(Cell),
    ]) + "\r\n";

    private static string Cell(string text)
    {
        var harmless = text.Length > 0 && text[0] is ('=' or '+' or '-' or '@' or '\t' or '\r') ? "'" + text : text;
        return harmless.AsSpan().ContainsAny(Quoted) ? $"\"{harmless.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : harmless;
    }
}
