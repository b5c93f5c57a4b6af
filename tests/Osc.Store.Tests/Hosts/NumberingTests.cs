using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Audit;
using Osc.Model;
using Osc.Store.Files;
using Osc.Store.Hosts;
using Osc.Store.Revisions;
using Xunit;
using static Osc.Store.Tests.TestStore;

namespace Osc.Store.Tests.Hosts;

public sealed class NumberingTests : IDisposable
{
    private static readonly Name H1 = Name.Parse("h1");
    private static readonly Name H2 = Name.Parse("h2");

    private readonly TestStore test = new();

    public void Dispose() => test.Dispose();

    [Fact]
    public void Numbering_is_what_it_was_whole_and_what_became_of_it_since()
    {
        Commit(Whole(H1, "a"), Whole(H2, "b"));
        Commit(Change(H1, "a2"));
        Commit(Change(H1, "a3"), Change(H2, "b3"));
        Commit();

        AssertStored("h1 a a2@2 a3@3", "h2 b b3@3");
        Commit(Whole(H1, "a5"), Change(H2, "b5"));
        AssertStored("h1 a5", "h2 b b3@3 b5@5");
        Commit(Change(H1, "a6"));
        AssertStored("h1 a5 a6@6", "h2 b b3@3 b5@5");
    }

    [Fact]
    public void Changes_that_are_in_wholes_are_dropped()
    {
        Commit(Whole(H1, "a"), Whole(H2, "b"));
        Commit(Change(H1, "a2"), Change(H2, "b2"));
        Commit(Change(H1, "a3"), Change(H2, "b3"));
        Commit(new Revision(3), Whole(H1, "a4"), Whole(H2, "b4"));

        Assert.Equal(3, test.Store.Writer.QuerySingle<long>("select min(revision) from numbering_change"));
        AssertStored("h1 a4", "h2 b4");
    }

    [Fact]
    public void Removed_hosts_numbers_are_not_those_of_a_later_one_of_its_name()
    {
        Commit(Whole(H1, "a"));
        Commit(Change(H1, "a2"));
        test.Store.Commit(Next() with { RemovedHosts = [H1] });
        Assert.Empty(test.Store.ReadNumberings());

        Commit(Whole(H1, "b"));
        Commit(Change(H1, "b5"));
        AssertStored("h1 b b5@5");
    }

    [Fact]
    public void Numbering_without_a_revision_is_whole()
    {
        Commit(Whole(H1, "a"));
        Commit(Change(H1, "a2"));
        test.Store.SetDesired([new(H1, new(2), "d", 3)], [Whole(H1, "c"), Whole(H2, "d")]);

        AssertStored("h1 c", "h2 d");
        Assert.Throws<ArgumentException>(() => test.Store.SetDesired([], [Change(H1, "e")]));
        AssertStored("h1 c", "h2 d");
    }

    [Fact]
    public void Numberings_of_a_store_that_kept_them_with_the_host_are_taken_over()
    {
        var path = test.Path + "-3";
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=false"))
        {
            connection.Open();
            connection.Execute($"pragma application_id = {StoreFile.ApplicationId}");
            Migration.Run(connection, 3);
            connection.Execute("""
                insert into revision values (1, 0, 'a', '', 1), (2, 0, 'a', '', 1);
                insert into host (name, desired_revision, desired_digest, desired_flows, numbering, acked_digest)
                    values ('h1', 2, 'd', 12, 'a', 'e'), ('h2', 0, '', 0, '', '');
                """);
        }

        using var store = PolicyStore.Open(path, TimeProvider.System);
        Assert.Equal([new() { Host = H1, DesiredRevision = new(2), DesiredDigest = "d", DesiredFlows = 12, AckedDigest = "e" }, new HostRecord { Host = H2 }], store.ReadHosts());
        Assert.Equal(["h1 a"], store.ReadNumberings().Select(Text));
        store.Commit(new() { Base = new(2), Origin = Origin.Controller, Changes = [Put("web", "3")], Numberings = [Change(H1, "a3")] });
        Assert.Equal(["h1 a a3@3"], store.ReadNumberings().Select(Text));
    }

    private static NumberingWrite Whole(Name host, string numbers) => new(host, numbers, IsWhole: true);

    private static NumberingWrite Change(Name host, string numbers) => new(host, numbers, IsWhole: false);

    private static string Text(StoredNumbering stored) => string.Join(' ', stored.Changes.Select(c => $"{c.Json}@{c.Revision}").Prepend($"{stored.Host} {stored.Whole}"));

    private Commit Next() => new() { Base = test.Store.Current, Origin = Origin.Controller, Changes = [Put("web", $"{test.Store.Current}")] };

    private void Commit(params NumberingWrite[] numberings) => Commit(Revision.None, numberings);

    private void Commit(Revision since, params NumberingWrite[] numberings) => test.Store.Commit(Next() with { Numberings = numberings, NumberingsSince = since });

    private void AssertStored(params string[] expected)
    {
        Assert.Equal(expected, test.Store.ReadNumberings().Select(Text));
        test.Reopen();
        Assert.Equal(expected, test.Store.ReadNumberings().Select(Text));
    }
}
