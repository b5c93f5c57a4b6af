namespace Osc.Store.Access;

/// <summary>A token that was made while the controller ran.</summary>
/// <param name="Id">Public: it names the token without being it.</param>
/// <param name="Name">The actor in the audit log; one token that is not revoked has it.</param>
/// <param name="Grants">What it allows, as JSON.</param>
/// <param name="Sha256">SHA-256 of the secret's UTF-8 bytes: 32 bytes.</param>
/// <param name="MadeBy">Who made it, who made that one's token, and so on.</param>
public sealed record StoredToken(string Id, string Name, string Grants, ReadOnlyMemory<byte> Sha256, DateTimeOffset Made, IReadOnlyList<string> MadeBy, DateTimeOffset Expires)
{
    /// <summary>null: it was not.</summary>
    public DateTimeOffset? Revoked { get; init; }

    public string RevokedBy { get; init; } = "";

    /// <summary>null: never.</summary>
    public DateTimeOffset? LastUsed { get; init; }

    public string LastAddress { get; init; } = "";
}

/// <summary>When, and from where, a token was used last.</summary>
public sealed record TokenUse(string Id, DateTimeOffset Time, string Address);

/// <summary>What becomes of a token that is to be made.</summary>
public enum MadeToken
{
    Made,

    /// <summary>There is one of this name that is not revoked; nothing was changed.</summary>
    NameTaken,

    /// <summary>There are <see cref="AccessStore.MaxTokens"/> that are not revoked; nothing was changed.</summary>
    TooMany,
}
