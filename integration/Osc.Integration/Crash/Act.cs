using System.Text.Json.Nodes;

namespace Osc.Integration.Crash;

/// <summary>What a client asked a controller to do, and what it knows of what became of it. Its id is the reason that it gave, so the audit log says which records are its own.</summary>
internal sealed class Act
{
    public required string Id { get; init; }

    public required HttpMethod Method { get; init; }

    /// <summary>Below "/api/v1/", with the query.</summary>
    public required string Path { get; init; }

    /// <summary>JSON; null for none.</summary>
    public string? Body { get; init; }

    /// <summary>null: it is not repeatable.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The documents that there shall be, by "tenant/Kind/name"; null: that there shall not be.</summary>
    public IReadOnlyDictionary<string, JsonObject?> Documents { get; init; } = new Dictionary<string, JsonObject?>();

    /// <summary>The actions of the audit records that it leaves, but for those about documents and rollouts.</summary>
    public IReadOnlyList<string> Records { get; init; } = [];

    /// <summary>Whether it changes nothing.</summary>
    public bool LeavesNothing => Documents.Count + Records.Count == 0;

    public ActEnd End { get; set; }

    /// <summary>The status of the answer; 0: none came.</summary>
    public int Status { get; set; }

    /// <summary>The whole body of the answer; null: it did not come.</summary>
    public string? Answer { get; set; }

    /// <summary>The answer's Osc-Request-Id.</summary>
    public string? RequestId { get; set; }

    public string? EntityTag { get; set; }

    /// <summary>The revision of an answer to a change of documents.</summary>
    public long? Revision => End == ActEnd.Done && Documents.Count > 0 && Answer is not null ? (long?)JsonNode.Parse(Answer)?["revision"] : null;

    /// <summary>Whether it was held against what is there. It need not be again: the bytes of the log stay.</summary>
    public bool IsJudged { get; set; }

    public override string ToString() => $"{Id} {Method} {Path}: {End} {Status} {Answer}";
}

internal enum ActEnd
{
    /// <summary>No answer came: it may be done or not, but not half.</summary>
    Unanswered,

    /// <summary>It was answered as done.</summary>
    Done,

    /// <summary>It was refused: it did nothing.</summary>
    Refused,
}
