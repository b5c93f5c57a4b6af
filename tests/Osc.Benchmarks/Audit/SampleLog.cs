using System.Globalization;
using Osc.Audit;
using Osc.Store.AuditLog;

namespace Osc.Benchmarks.Audit;

/// <summary>Records as a busy installation makes them: a change of a document in three, and acks of agents; and what is asked of them.</summary>
internal static class SampleLog
{
    private const int Hosts = 200;

    public static AuditRecord RecordOf(long n) => n % 3 == 0 ? ChangeOf(n) : AckOf(n);

    /// <summary>A query for each way to look for something.</summary>
    /// <param name="size">How many records the log has.</param>
    public static IEnumerable<(string Name, AuditQuery Query)> Queries(long size) =>
    [
        ("newest", new()),
        ("oldest", new() { Ascending = true }),
        ("from the middle", new() { Cursor = size / 2 }),
        ("actor", new() { Actor = "actor-7" }),
        ("actor without records", new() { Actor = "nobody" }),
        ("rare actor of a kind, oldest first", new() { Kind = "SecurityGroup", Actor = "actor-rare", Ascending = true }),
        ("name", new() { Name = "group-77", Cursor = size / 2 }),
        ("tenant and kind", new() { Tenant = "tenant-3", Kind = "SecurityGroup" }),
        ("action of a tenant", new() { Tenant = "tenant-3", Action = AuditAction.DocumentUpdate, Ascending = true }),
        ("revision", new() { Revision = new(size / 20) }),
        ("time: an hour in the middle", new() { From = TimeOf(size / 2), To = TimeOf(size / 2).AddHours(1) }),
        ("time and actor", new() { From = TimeOf(size / 4), To = TimeOf(size * 3 / 4), Actor = "actor-7" }),
    ];

    /// <summary>The same for text.</summary>
    public static IEnumerable<(string Name, AuditQuery Query)> Searches(long size) =>
    [
        ("rare word", new() { Text = "needle" }),
        ("word of every change", new() { Text = "SecurityGroup" }),
        ("two words", new() { Text = "needle group-500" }),
        ("address", new() { Text = "10.1.7.7" }),
        ("rare word of a tenant", new() { Text = "needle", Tenant = "tenant-0" }),
        ("beginning, from the middle", new() { Text = "needl*", Cursor = size / 2 }),
        ("no such word", new() { Text = "haystack" }),
        ("request", new() { RequestId = string.Create(CultureInfo.InvariantCulture, $"request-{size / 6 * 3}") }),
    ];

    private static AuditRecord ChangeOf(long n) => new()
    {
        Time = TimeOf(n),
        Actor = n % 30_000 == 0 ? "actor-rare" : $"actor-{n % 50}",
        Address = "192.0.2.7",
        RequestId = $"request-{n}",
        Action = AuditAction.DocumentUpdate,
        Tenant = $"tenant-{n % 20}",
        Kind = "SecurityGroup",
        Name = $"group-{n % 1_000}",
        Before = JsonOf(n),
        After = JsonOf(n + 1),
        Revision = new(n / 10),
        Reason = n % 1_500 == 0 ? "needle" : "",
        Outcome = AuditRecord.Ok,
    };

    private static AuditRecord AckOf(long n) => new()
    {
        Time = TimeOf(n),
        Actor = $"agent/host-{n % Hosts}",
        Action = AuditAction.RolloutAck,
        Kind = "Host",
        Name = $"host-{n % Hosts}",
        After = $$"""{"digest":"0123456789abcdef0123456789abcdef","flows":{{n % 5_000}},"milliseconds":3.14}""",
        Revision = new(n / 10),
        Outcome = AuditRecord.Ok,
    };

    private static DateTimeOffset TimeOf(long n) => DateTimeOffset.UnixEpoch.AddYears(56).AddSeconds(n);

    private static string JsonOf(long n) =>
        $$$"""{"apiVersion":"osc/v1","kind":"SecurityGroup","metadata":{"name":"group-{{{n % 1_000}}}","tenant":"tenant-{{{n % 20}}}"},"spec":{"members":[{"cidr":"10.{{{n % 3}}}.{{{n % 11}}}.{{{n % 13}}}/32"},{"selector":"app = web, env in (prod, stage)"}]}}""";
}
