namespace Osc.Controller.Api.Audit;

/// <summary>What the audit log was, signed: to be held elsewhere.</summary>
/// <param name="Origin">Names the log.</param>
/// <param name="Size">How many records it had.</param>
/// <param name="Root">The root of the Merkle tree over them, in base64.</param>
/// <param name="Note">The signed checkpoint itself, as C2SP's tlog-checkpoint has it.</param>
public sealed record CheckpointAnswer(string Origin, long Size, string Root, DateTimeOffset Time, string Note);

/// <summary>The keys that signed checkpoints, the newest first.</summary>
public sealed record AuditKeyList(IReadOnlyList<AuditKeyAnswer> Items);

/// <param name="Key">As C2SP's signed-note has it: NAME+ID+BASE64.</param>
/// <param name="Signs">Whether it is the one that signs now.</param>
public sealed record AuditKeyAnswer(string Key, bool Signs);

/// <summary>That a record is in the log (RFC 9162, section 2.1.3).</summary>
/// <param name="Sequence">The record; it is the leaf before that number, counted from 0.</param>
/// <param name="Size">Of the tree in which it is.</param>
/// <param name="Leaf">The record's hash.</param>
/// <param name="Hashes">From the record's sibling up, in base64.</param>
public sealed record InclusionAnswer(long Sequence, long Size, string Leaf, IReadOnlyList<string> Hashes);

/// <summary>That the log was only added to (RFC 9162, section 2.1.4).</summary>
public sealed record ConsistencyAnswer(long From, long To, IReadOnlyList<string> Hashes);

/// <summary>Files with records that are not in the store any more, the oldest first.</summary>
public sealed record ArchiveList(IReadOnlyList<ArchiveAnswer> Items);

/// <param name="File">Its name, in the controller's directory of archives.</param>
/// <param name="Sha256">Of the file, in hexadecimal.</param>
public sealed record ArchiveAnswer(long First, long Last, DateTimeOffset Time, string File, string Sha256, long Bytes);

/// <summary>What stands for the first records where these are not at hand: the roots of the greatest complete subtrees over them, in base64.</summary>
public sealed record PeaksAnswer(long Size, IReadOnlyList<string> Peaks);
