using System.Text.Json;
using Microsoft.Data.Sqlite;
using Osc.Model;
using Osc.Model.Health;
using Osc.Store.Alarms;
using Xunit;
using static Osc.Store.Tests.TestStore;

namespace Osc.Store.Tests.Alarms;

public sealed class AlarmTests : IDisposable
{
    private static readonly AlarmKey Silent = new(Name.Parse("h1"), "agent-silent", "");
    private static readonly AlarmKey Contested = new(Name.Parse("h2"), "port-name-contested", "br0/x");

    private readonly TestStore test = new();

    public void Dispose() => test.Dispose();

    [Fact]
    public void Alarm_stands_over_a_restart_until_it_is_cleared_and_is_kept_then()
    {
        Record(1, Raise(Silent));
        test.Reopen();
        Assert.Equal(new(1, Silent, AlarmSeverity.Critical, "why", Start.AddSeconds(1), null), Assert.Single(test.Store.ReadStandingAlarms()));

        Record(2, new AlarmChange.Reword(Silent, "still"), new AlarmChange.Clear(Silent));
        Assert.Empty(test.Store.ReadStandingAlarms());
        Assert.Equal(new(1, Silent, AlarmSeverity.Critical, "still", Start.AddSeconds(1), Start.AddSeconds(2)), Assert.Single(test.Store.QueryAlarms(new()).Items));
    }

    [Fact]
    public void Alarm_that_comes_back_is_another_one()
    {
        Record(1, Raise(Silent));
        Record(2, new AlarmChange.Clear(Silent));
        Record(3, Raise(Silent));
        Assert.Equal([(2L, true), (1L, false)], test.Store.QueryAlarms(new()).Items.Select(a => (a.Id, a.Cleared is null)));
    }

    [Fact]
    public void Every_raise_and_clear_has_its_audit_record_of_who_saw_it()
    {
        Record(1, Raise(Silent), Raise(Contested));
        Record(2, new AlarmChange.Reword(Contested, "else"), new AlarmChange.Clear(Contested));
        var records = test.Store.QueryAudit(new() { Ascending = true }).Items;
        Assert.Equal(
            [("osc", "alarm.raise", "h1"), ("agent/h2", "alarm.raise", "h2"), ("agent/h2", "alarm.clear", "h2")],
            records.Select(r => (r.Actor, r.Action, r.Name)));
        Assert.Equal(
            ("port-name-contested", "br0/x", "critical", "else", Start.AddSeconds(1)),
            JsonElement.Parse(records[2].After!) is var after
                ? (Text(after, "kind"), Text(after, "subject"), Text(after, "severity"), Text(after, "detail"), after.GetProperty("since").GetDateTimeOffset())
                : default);
    }

    [Fact]
    public void Alarm_that_does_not_stand_cannot_be_cleared_and_one_that_stands_cannot_be_raised()
    {
        Record(1, new AlarmChange.Clear(Silent));
        Assert.Empty(test.Store.QueryAudit(new()).Items);
        Record(2, Raise(Silent));
        Assert.Throws<SqliteException>(() => Record(3, Raise(Contested), Raise(Silent)));
        Assert.Single(test.Store.ReadStandingAlarms());
        Assert.Single(test.Store.QueryAudit(new()).Items);
    }

    [Fact]
    public void Alarms_are_found_by_each_filter_and_page_by_page()
    {
        Record(1, Raise(Silent), Raise(Contested) with { Severity = AlarmSeverity.Warning });
        Record(2, new AlarmChange.Clear(Silent));
        Record(3, Raise(Silent));
        Assert.Equal([3L, 2, 1], Ids(new()));
        Assert.Equal([3L, 2], Ids(new() { Standing = true }));
        Assert.Equal([1L], Ids(new() { Standing = false }));
        Assert.Equal([3L, 1], Ids(new() { Host = "h1" }));
        Assert.Equal([2L], Ids(new() { Kind = "port-name-contested" }));
        Assert.Equal([2L], Ids(new() { Severity = AlarmSeverity.Warning }));
        var first = test.Store.QueryAlarms(new() { Limit = 2 });
        Assert.Equal([3L, 2], first.Items.Select(a => a.Id));
        Assert.Equal(2, first.Next);
        Assert.Equal([1L], Ids(new() { Cursor = first.Next, Limit = 2 }));
    }

    private IEnumerable<long> Ids(AlarmQuery query) => test.Store.QueryAlarms(query).Items.Select(a => a.Id);

    private void Record(int seconds, params IReadOnlyList<AlarmChange> changes) => test.Store.RecordAlarms(changes, Start.AddSeconds(seconds));

    private static AlarmChange.Raise Raise(AlarmKey key) => new(key, AlarmSeverity.Critical, "why");

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
