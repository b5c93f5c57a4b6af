using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Model;
using Osc.Store.Files;

namespace Osc.Store.Proposals;

/// <summary>The table of proposals.</summary>
internal static class ProposalTable
{
    private const string Columns = """
        id as Id, state as State, proposer as Proposer, makers as Makers, made_at as MadeAt, reason as Reason, put as Put, removed as Removed, plan as Plan,
        digest as Digest, approvals as Approvals, closed_at as ClosedAt, closed_by as ClosedBy, revision as Revision
        """;

    public static long Insert(SqliteConnection connection, Proposal proposal) => connection.QuerySingle<long>(
        """
        insert into proposal (state, proposer, makers, made_at, reason, put, removed, plan, digest)
        values ('open', @Proposer, @Makers, @MadeAt, @Reason, @Put, @Removed, @Plan, @Digest) returning id
        """,
        new
        {
            proposal.Proposer,
            Makers = JsonSerializer.Serialize(proposal.Makers),
            MadeAt = StoredTime.From(proposal.Made),
            proposal.Reason,
            proposal.Put,
            Removed = JsonSerializer.Serialize(proposal.Removed),
            proposal.Plan,
            proposal.Digest,
        });

    public static long CountOpen(SqliteConnection connection) => connection.QuerySingle<long>("select count(*) from proposal where state = 'open'");

    public static Proposal? Find(SqliteConnection connection, long id) =>
        connection.QuerySingleOrDefault<Row>($"select {Columns} from proposal where id = @id", new { id })?.ToProposal();

    /// <summary>Newest first.</summary>
    /// <param name="state">null: whatever it is.</param>
    public static IReadOnlyList<Proposal> Read(SqliteConnection connection, ProposalState? state, long before, int limit) =>
    [
        .. connection.Query<Row>(
            $"select {Columns} from proposal where id < @before and (@state is null or state = @state) order by id desc limit @limit",
            new { before, limit, state = state?.ToString().ToLowerInvariant() }).Select(r => r.ToProposal()),
    ];

    public static void SetApprovals(SqliteConnection connection, long id, IReadOnlyList<string> approvals) => connection.Execute(
        "update proposal set approvals = @approvals where id = @id and state = 'open'", new { id, approvals = JsonSerializer.Serialize(approvals) });

    /// <summary>Closes an open proposal.</summary>
    /// <exception cref="InvalidOperationException">It is not open.</exception>
    public static void Close(SqliteConnection connection, long id, ProposalState state, string by, DateTimeOffset time, Revision revision)
    {
        var closed = connection.Execute(
            "update proposal set state = @state, closed_at = @time, closed_by = @by, revision = @revision where id = @id and state = 'open'",
            new { id, by, state = state.ToString().ToLowerInvariant(), time = StoredTime.From(time), revision = revision.Number });
        if (closed != 1)
        {
            throw new InvalidOperationException($"proposal {id} is not open");
        }
    }

    private sealed record Row
    {
        public long Id { get; init; }

        public required string State { get; init; }

        public required string Proposer { get; init; }

        public required string Makers { get; init; }

        public long MadeAt { get; init; }

        public required string Reason { get; init; }

        public required string Put { get; init; }

        public required string Removed { get; init; }

        public required string Plan { get; init; }

        public required string Digest { get; init; }

        public required string Approvals { get; init; }

        public long? ClosedAt { get; init; }

        public required string ClosedBy { get; init; }

        public long Revision { get; init; }

        public Proposal ToProposal() => new(Id, Proposer, ListOf(Makers), StoredTime.To(MadeAt), Reason, Put, ListOf(Removed), Plan, Digest)
        {
            State = Enum.TryParse<ProposalState>(State, ignoreCase: true, out var state) && Enum.IsDefined(state) ? state : throw new InvalidDataException($"a proposal is '{State}'"),
            Approvals = ListOf(Approvals),
            Closed = StoredTime.To(ClosedAt),
            ClosedBy = ClosedBy,
            Revision = new(Revision),
        };

        private static string[] ListOf(string json)
        {
            try
            {
                return JsonSerializer.Deserialize<string[]>(json) ?? throw new InvalidDataException("a list of a proposal is null");
            }
            catch (JsonException wrong)
            {
                throw new InvalidDataException($"a list of a proposal is '{json}'", wrong);
            }
        }
    }
}
