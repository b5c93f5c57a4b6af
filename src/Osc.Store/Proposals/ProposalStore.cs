using Osc.Audit;
using Osc.Store.AuditLog;
using Osc.Store.Files;

namespace Osc.Store.Proposals;

/// <summary>Proposals. Each change of one stands with its audit records in one transaction; one that is applied does with the revision that it makes (<see cref="Revisions.Commit"/>).</summary>
public sealed class ProposalStore
{
    /// <summary>Proposals that are open.</summary>
    public const int MaxOpen = 1_000;

    private readonly Database database;

    internal ProposalStore(Database database) => this.database = database;

    /// <param name="recordsOf">Of the id that it gets.</param>
    /// <returns>The id; null: <see cref="MaxOpen"/> are open, and nothing was changed.</returns>
    public long? Add(Proposal proposal, Func<long, IReadOnlyList<AuditRecord>> recordsOf) => database.Write<long?>(connection =>
    {
        if (ProposalTable.CountOpen(connection) >= MaxOpen)
        {
            return null;
        }

        var id = ProposalTable.Insert(connection, proposal);
        AuditTable.Append(connection, recordsOf(id));
        return id;
    });

    /// <returns>null if there is none of this number.</returns>
    public Proposal? Find(long id) => database.Read(c => ProposalTable.Find(c, id));

    /// <summary>Newest first.</summary>
    /// <param name="state">null: whatever it is.</param>
    /// <param name="before">Only those with a lower number; null: from the newest.</param>
    /// <param name="limit">1 to <see cref="PolicyStore.MaxLimit"/>.</param>
    public IReadOnlyList<Proposal> Read(ProposalState? state, long? before, int limit) => database.Read(c => ProposalTable.Read(c, state, before ?? long.MaxValue, limit));

    /// <summary>Notes who has agreed to an open proposal, which needs more of them.</summary>
    public void SetApprovals(long id, IReadOnlyList<string> approvals, IReadOnlyList<AuditRecord> records) => database.Write(connection =>
    {
        ProposalTable.SetApprovals(connection, id, approvals);
        return AuditTable.Append(connection, records);
    });

    /// <exception cref="InvalidOperationException">It is not open.</exception>
    public void Reject(long id, string by, DateTimeOffset time, IReadOnlyList<AuditRecord> records) => database.Write(connection =>
    {
        ProposalTable.Close(connection, id, ProposalState.Rejected, by, time, default);
        return AuditTable.Append(connection, records);
    });
}
