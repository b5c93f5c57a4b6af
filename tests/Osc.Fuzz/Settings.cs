using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Osc.Fuzz.Engine;
using Osc.Fuzz.Targets;

namespace Osc.Fuzz;

/// <summary>What to fuzz, for how long, and where chance begins.</summary>
internal sealed record Settings(IReadOnlyList<FuzzTarget> Targets, TimeSpan Time, int Seed)
{
    private const string Usage = "Osc.Fuzz [--targets NAME,NAME...] [--minutes NUMBER] [--seed NUMBER]";

    public static bool TryRead(string[] arguments, [NotNullWhen(true)] out Settings? settings, [NotNullWhen(false)] out string? error)
    {
        settings = new(AllTargets.List, TimeSpan.FromMinutes(10), Environment.TickCount);
        error = arguments.Length % 2 == 0 ? null : Usage;
        foreach (var pair in arguments.Chunk(2))
        {
            if (error is not null)
            {
                break;
            }

            switch (pair)
            {
                case ["--targets", var names]:
                    var wanted = names.Split(',', StringSplitOptions.RemoveEmptyEntries);
                    var unknown = wanted.Except(AllTargets.List.Select(t => t.Name)).ToArray();
                    error = unknown.Length > 0 ? $"no such target: {string.Join(", ", unknown)}; there are: {string.Join(", ", AllTargets.List.Select(t => t.Name))}" : null;
                    settings = wanted.Length == 0 ? settings : settings with { Targets = [.. AllTargets.List.Where(t => wanted.Contains(t.Name))] };
                    break;
                case ["--minutes", var text] when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var minutes) && minutes is > 0 and < 1e6:
                    settings = settings with { Time = TimeSpan.FromMinutes(minutes) };
                    break;
                case ["--seed", var text] when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seed):
                    settings = settings with { Seed = seed };
                    break;
                default:
                    error = Usage;
                    break;
            }
        }

        settings = error is null ? settings : null;
        return settings is not null;
    }

    public string[] ToArguments() =>
    [
        "--targets", string.Join(',', Targets.Select(t => t.Name)),
        "--minutes", Time.TotalMinutes.ToString("r", CultureInfo.InvariantCulture),
        "--seed", Seed.ToString(CultureInfo.InvariantCulture),
    ];
}
