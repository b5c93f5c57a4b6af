using Osc.Model;
using Osc.Store.Revisions;
using Xunit;
using static Osc.Store.Tests.TestStore;

namespace Osc.Store.Tests.Revisions;

public sealed class HistoryTests : IDisposable
{
    private readonly TestStore test = new();

    public HistoryTests()
    {
        CommitAt(0, Put("web", "1"), Put("db", "1"));
        CommitAt(10, Put("web", "2"));
        CommitAt(10, Delete("db"), Put("dns", "3"));
        CommitAt(20, Put("web", "4"), Put("db", "4"));
    }

    public void Dispose() => test.Dispose();

    [Theory]
    [InlineData(-1, null)]
    [InlineData(0, 1L)]
    [InlineData(9, 1L)]
    [InlineData(10, 3L)]
    [InlineData(19, 3L)]
    [InlineData(1_000, 4L)]
    public void Revision_at_a_time_is_the_newest_made_by_then(int seconds, long? revision) =>
        Assert.Equal(revision, test.Store.FindRevisionAt(Start.AddSeconds(seconds))?.Revision.Number);

    [Theory]
    [InlineData(4, 1L)]
    [InlineData(5, 5L)]
    [InlineData(15, 6L)]
    [InlineData(1_000, 6L)]
    public void Revision_at_a_time_is_the_last_made_by_then_also_after_the_clock_was_set_back(int seconds, long revision)
    {
        CommitAt(5, Put("web", "5"));
        CommitAt(6, Put("web", "6"));
        Assert.Equal(revision, test.Store.FindRevisionAt(Start.AddSeconds(seconds))?.Revision.Number);
    }

    [Fact]
    public void History_of_a_document_is_its_changes_newest_first()
    {
        Assert.Equal([("4", 4L), ("2", 2L), ("1", 1L)], HistoryOf("web", 4));
        Assert.Equal([("2", 2L), ("1", 1L)], HistoryOf("web", 3));
        Assert.Equal([("4", 4L)], HistoryOf("web", 4, limit: 1));
        Assert.Empty(HistoryOf("dns", 2));
    }

    [Fact]
    public void History_of_a_document_ends_where_it_was_made_again()
    {
        Assert.Equal([("4", 4L)], HistoryOf("db", 4));
        Assert.Empty(HistoryOf("db", 3));
        Assert.Equal([("1", 1L)], HistoryOf("db", 2));
    }

    [Fact]
    public void What_changed_since_a_revision_turns_the_current_documents_into_those_of_then()
    {
        for (var at = new Revision(0); at.CompareTo(test.Store.Current) <= 0; at = at.Next)
        {
            var documents = test.Store.ReadDocuments().ToDictionary(d => d.Key);
            foreach (var (key, then) in test.Store.ReadChangedSince(at))
            {
                documents.Remove(key);
                if (then is not null)
                {
                    documents.Add(key, then);
                }
            }

            Assert.Equal(test.Store.ReadDocuments(at), documents.Values.OrderBy(d => d.Key));
        }

        Assert.Empty(test.Store.ReadChangedSince(test.Store.Current));
    }

    private IEnumerable<(string Json, long Revision)> HistoryOf(string name, long upTo, int limit = 10) =>
        test.Store.ReadHistory(Key(name), new(upTo), limit).Select(d => (d.Json, d.Revision.Number));

    private void CommitAt(int seconds, params IReadOnlyList<DocumentWrite> changes)
    {
        test.Time.Now = Start.AddSeconds(seconds);
        test.Commit(changes);
    }
}
