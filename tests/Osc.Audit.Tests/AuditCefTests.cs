using Xunit;

namespace Osc.Audit.Tests;

public sealed class AuditCefTests
{
    [Fact]
    public void Record_is_a_cef_event_in_a_syslog_message() => Assert.Equal(
        "<109>1 2026-11-01T12:30:15.123456Z c1 osc - document.update - CEF:0|Osc|Osc|1.2|document.update|document.update|3|externalId=7 rt=1793536215123 suser=alice src=192.0.2.7 " +
        "outcome=ok reason=ticket 42 cs1=shop cs1Label=tenant cs2=Policy cs2Label=kind cs3=shop-app cs3Label=name cs4=r-1 cs4Label=requestId " +
        """cs5={"a":1} cs5Label=before cs6={"a":"é"} cs6Label=after cn1=42 cn1Label=revision""",
        AuditCef.Syslog(Records.Full, "c1", "1.2"));

    [Fact]
    public void Text_cannot_end_a_field_or_the_message()
    {
        var text = AuditCef.Syslog(Records.Full with { Action = "a|b\\c\nd e", Reason = "x=1 suser=eve\r\n<0>1 forged\u0007", Outcome = new string('o', 9_000) }, "c1", "1");

        Assert.Contains("|a\\|b\\\\c d e|a\\|b\\\\c d e|", text, StringComparison.Ordinal);
        Assert.Contains(" reason=x\\=1 suser\\=eve\\n<0>1 forged  cs1=", text, StringComparison.Ordinal);
        Assert.Contains($" outcome={new string('o', 3_997)}... ", text, StringComparison.Ordinal);
        Assert.Contains(" osc - a|b\\cde - CEF", text, StringComparison.Ordinal);
        Assert.DoesNotContain(text, c => char.IsControl(c));
    }

    [Theory]
    [InlineData(AuditAction.AuditContradicted, "<105>", "|10|")]
    [InlineData(AuditAction.AlarmRaise, "<108>", "|7|")]
    [InlineData(AuditAction.RequestRefused, "<108>", "|5|")]
    public void What_is_worse_is_said_to_be(string action, string priority, string severity)
    {
        var text = AuditCef.Syslog(Records.Full with { Action = action }, "c1", "1");

        Assert.StartsWith(priority, text, StringComparison.Ordinal);
        Assert.Contains(severity, text, StringComparison.Ordinal);
    }
}
