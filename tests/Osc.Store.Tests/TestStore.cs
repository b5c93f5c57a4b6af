using Osc.Audit;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Store.Revisions;

namespace Osc.Store.Tests;

/// <summary>A store in a directory of its own, and short ways to fill it.</summary>
internal sealed class TestStore : IDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly Origin Alice = new("alice", "192.0.2.7", "request-1", "ticket 42");

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-store-");

    public TestStore() => Store = PolicyStore.Open(Path, Time);

    public string Path => System.IO.Path.Combine(directory.FullName, "osc.db");

    public ManualTime Time { get; } = new(Start);

    public PolicyStore Store { get; private set; }

    public static DocumentKey Key(string name, Kind kind = Kind.SecurityGroup, string tenant = "shop") => new(Name.Parse(tenant), kind, Name.Parse(name));

    public static DocumentWrite Put(string name, string json) => DocumentWrite.Put(Key(name), json, $"hash of {json}");

    public static DocumentWrite Delete(string name) => DocumentWrite.Delete(Key(name));

    public static AuditRecord Record(string actor, string action = AuditAction.RequestRefused) =>
        new() { Time = Start, Actor = actor, Action = action, Outcome = "not allowed" };

    public CommitOutcome Commit(params IReadOnlyList<DocumentWrite> changes) =>
        Store.Commit(new() { Base = Store.Current, Origin = Alice, Changes = changes });

    public void Reopen()
    {
        Store.Dispose();
        Store = PolicyStore.Open(Path, Time);
    }

    public void Dispose()
    {
        Store.Dispose();
        directory.Delete(recursive: true);
    }
}

/// <summary>A clock that stands where it was put.</summary>
internal sealed class ManualTime(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
