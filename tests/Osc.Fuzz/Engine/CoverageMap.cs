using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Osc.Fuzz.Engine;

/// <summary>
/// How often each edge between two basic blocks was taken in one run: 64 K counters that instrumented code adds to, the way of afl-fuzz. In a
/// process whose assemblies are not instrumented all of them stay 0.
/// </summary>
internal static unsafe class CoverageMap
{
    public const int Size = 1 << 16;

    private static readonly byte* Counters = (byte*)NativeMemory.AllocZeroed(Size);

    /// <summary>Whether this process counts at all.</summary>
    public static bool IsAttached => Trace.SharedMem == Counters;

    /// <summary>Has to come before any instrumented code runs: it adds without asking.</summary>
    public static void Attach() => Trace.SharedMem = Counters;

    public static void Begin()
    {
        new Span<byte>(Counters, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Adds what the run did to what is known: each edge with the magnitudes of its counts.</summary>
    /// <param name="seen">A bit for each magnitude of each edge.</param>
    /// <returns>Whether there was anything new.</returns>
    public static bool AddTo(byte[] seen)
    {
        var isNew = false;
        for (var word = 0; word < Size / sizeof(ulong); word++)
        {
            if (((ulong*)Counters)[word] == 0)
            {
                continue;
            }

            for (var i = word * sizeof(ulong); i < (word + 1) * sizeof(ulong); i++)
            {
                var bit = Magnitude(Counters[i]);
                isNew |= (seen[i] & bit) != bit;
                seen[i] |= bit;
            }
        }

        return isNew;
    }

    /// <summary>0, 1, 2, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127, 128 and more.</summary>
    private static byte Magnitude(byte count) => count switch
    {
        0 => 0,
        1 => 1,
        2 => 2,
        3 => 4,
        < 8 => 8,
        < 16 => 16,
        < 32 => 32,
        < 128 => 64,
        _ => 128,
    };
}
