using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Osc.Controller.Api.Problems;

namespace Osc.Controller.Api.Requests;

/// <summary>The parameters "limit" and "cursor" of a list. A cursor is the text of the last item's place, made opaque.</summary>
/// <param name="After">The place after which the page begins; null for the first page.</param>
public sealed record Page(int Limit, string? After)
{
    public const int DefaultLimit = 100;

    public const int MaxLimit = 1_000;

    /// <summary>Reads the parameters, or says in <paramref name="problem"/> what is wrong with them.</summary>
    public static bool TryRead(string? limit, string? cursor, out Page page, out Problem? problem)
    {
        page = new(DefaultLimit, null);
        problem = null;
        if (limit is not null && !(int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= MaxLimit))
        {
            problem = Problem.BadParameter("limit", $"'{limit}' is not a number in range", $"1 to {MaxLimit}");
            return false;
        }

        var after = cursor is null ? null : Decode(cursor);
        if (cursor is not null && after is null)
        {
            problem = Problem.BadParameter("cursor", "it is not one that a list gave as 'next'");
            return false;
        }

        page = new(limit is null ? DefaultLimit : int.Parse(limit, CultureInfo.InvariantCulture), after);
        return true;
    }

    public static string Encode(string place) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(place));

    private static string? Decode(string cursor) =>
        cursor.Length is > 0 and <= 1_000 && Base64Url.IsValid(cursor) ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)) : null;
}
