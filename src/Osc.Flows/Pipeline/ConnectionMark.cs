namespace Osc.Flows.Pipeline;

/// <summary>
/// The layout of ct_mark: under which policy the connection was decided last.
/// <code>
/// 31   30 ........... 16  15 ...... 8  7 ...... 0
///   0 | epoch            | step       | 0
/// </code>
/// The epoch is what open connections must have to go on unasked; the step tells those that a later change in the same epoch
/// may concern.
/// </summary>
public static class ConnectionMark
{
    public const uint EpochMask = 0x7fff_0000;
    public const uint StepMask = 0xff00;
    public const int MaxEpoch = 0x7fff;
    public const int MaxStep = 0xff;

    /// <summary>The mark of a connection that is decided now.</summary>
    /// <param name="epoch">1 to <see cref="MaxEpoch"/>: 0 is the mark of connections that are not ours.</param>
    /// <param name="step">0 to <see cref="MaxStep"/>.</param>
    public static uint Of(int epoch, int step = 0) => ((uint)epoch << 16) | ((uint)step << 8);
}
