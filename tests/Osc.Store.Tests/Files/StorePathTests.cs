using Xunit;

namespace Osc.Store.Tests.Files;

public sealed class StorePathTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-store-");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public void Directory_is_refused() => AssertRefused(directory.FullName, StoreFault.NotAStore, "is a directory: name a file");

    [Fact]
    public void Path_without_directory_is_refused() =>
        AssertRefused(In("nowhere/osc.db"), StoreFault.Inaccessible, "has no directory to stand in: create the directory first");

    [Fact]
    public void Path_below_a_file_is_refused()
    {
        File.WriteAllText(In("file"), "");
        AssertRefused(In("file/osc.db"), StoreFault.Inaccessible, "has no directory to stand in: create the directory first");
    }

    [Fact]
    public void Directory_that_cannot_be_written_is_refused()
    {
        // Nobody, not even root, can make a file there.
        AssertRefused("/sys/osc.db", StoreFault.Inaccessible, "cannot be opened (");
    }

    [Fact]
    public void Path_through_a_circle_of_links_is_refused()
    {
        File.CreateSymbolicLink(In("a"), In("b"));
        File.CreateSymbolicLink(In("b"), In("a"));
        AssertRefused(In("a"), StoreFault.Inaccessible, "cannot be opened (");
    }

    [Fact]
    public void Remains_of_a_creation_that_was_cut_off_do_no_harm()
    {
        File.WriteAllText(In("osc.db.new"), "half");
        File.WriteAllText(In("osc.db.new-wal"), "made");

        using (var store = Open(In("osc.db")))
        {
            Assert.Equal(0, store.Current.Number);
        }

        Assert.Equal(["osc.db", "osc.db.lock"], directory.GetFiles().Select(f => f.Name).Order());
    }

    [Fact]
    public void Second_opening_is_refused_by_whatever_name()
    {
        using (Open(In("osc.db")))
        {
            AssertInUse(In("osc.db"));
            File.CreateSymbolicLink(In("link"), In("osc.db"));
            AssertInUse(In("link"));
            AssertInUse(In("../" + directory.Name + "/osc.db"));
        }

        using (Open(In("link")))
        {
            AssertInUse(In("osc.db"));
        }
    }

    [Fact]
    public void Closed_store_says_so()
    {
        var store = Open(In("osc.db"));
        store.Dispose();
        store.Dispose();

        Assert.Throws<ObjectDisposedException>(() => store.ReadDocuments());
        Assert.Throws<ObjectDisposedException>(() => store.AppendAudit([TestStore.Record("a")]));
    }

    [Fact]
    public void Store_lives_in_the_file_it_was_given()
    {
        using (var store = Open(In("a b'c;Mode=Memory.db")))
        {
            store.AppendAudit([TestStore.Record("a")]);
        }

        using var again = Open(In("a b'c;Mode=Memory.db"));
        Assert.Single(again.QueryAudit(new()).Items);
    }

    private static PolicyStore Open(string path) => PolicyStore.Open(path, TimeProvider.System);

    private static void AssertRefused(string path, StoreFault fault, string problem)
    {
        var refused = Assert.Throws<StoreException>(() => Open(path));
        Assert.Equal(fault, refused.Fault);
        Assert.StartsWith($"the store {path} {problem}", refused.Message, StringComparison.Ordinal);
    }

    private string In(string name) => Path.Combine(directory.FullName, name);

    private void AssertInUse(string path)
    {
        var refused = Assert.Throws<StoreException>(() => Open(path));
        Assert.Equal(StoreFault.InUse, refused.Fault);
        Assert.Equal($"the store {In("osc.db")} is in use: only one controller may have it open, stop the other one first", refused.Message);
    }
}
