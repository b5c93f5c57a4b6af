namespace Osc.Fuzz.Engine;

/// <summary>Something of Osc's that reads what others wrote, and what has to hold for any bytes at all.</summary>
public sealed record FuzzTarget
{
    public required string Name { get; init; }

    /// <summary>Input as it should be: what mutation begins with.</summary>
    public required Func<IEnumerable<byte[]>> Seeds { get; init; }

    /// <summary>
    /// Reads the input. Whatever is thrown is a finding, an <see cref="OracleException"/> too; what the reader says of wrong input is caught here.
    /// Returns what came of it, the same words for the same kind of outcome.
    /// </summary>
    public required Func<byte[], string> Run { get; init; }

    /// <summary>Makes lengths and check sums right again after a mutation, so that what lies behind them is reached; null where there are none.</summary>
    public Func<byte[], byte[]>? Mend { get; init; }

    /// <summary>Of an input, in bytes.</summary>
    public int MaxBytes { get; init; } = 8 * 1024;

    /// <summary>What reading may allocate, whatever it reads, in bytes.</summary>
    public long AllocationFloor { get; init; } = 2 * 1024 * 1024;

    /// <summary>What each byte of input may cost on top, in bytes.</summary>
    public long AllocationPerByte { get; init; } = 4 * 1024;

    /// <summary>Whether the work is done on other threads too, so that theirs counts as well.</summary>
    public bool UsesThreads { get; init; }

    public long AllocationLimit(int inputBytes) => AllocationFloor + (AllocationPerByte * inputBytes);
}
