using Xunit;

namespace Osc.Audit.Tests;

public sealed class AuditRecordTests
{
    [Fact]
    public void Time_is_kept_in_utc_to_the_microsecond()
    {
        var time = new DateTimeOffset(2026, 11, 1, 14, 0, 0, TimeSpan.FromHours(2)).AddTicks(19);

        var kept = (Records.Full with { Time = time }).Time;

        Assert.Equal(new DateTimeOffset(2026, 11, 1, 12, 0, 0, TimeSpan.Zero).AddTicks(10), kept);
        Assert.Equal(TimeSpan.Zero, kept.Offset);
    }

    [Fact]
    public void Text_is_well_formed()
    {
        // In code, since an attribute's text is UTF-8 already.
        foreach (var (text, kept) in new[] { ("a\ud83d", "a\ufffd"), ("\ude00b", "\ufffdb"), ("\ud83d\ude00", "\ud83d\ude00") })
        {
            var record = Records.Full with { Actor = text, Reason = text, After = text };
            Assert.Equal((kept, kept, kept), (record.Actor, record.Reason, record.After));
        }
    }
}
