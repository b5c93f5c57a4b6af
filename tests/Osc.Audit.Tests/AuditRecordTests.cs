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
}
