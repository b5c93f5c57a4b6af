using System.Text;
using Osc.Fuzz.Engine;
using Osc.Model;
using Osc.Policy.Documents;
using Osc.Policy.Validation;

namespace Osc.Fuzz.Targets;

/// <summary>Policy documents as YAML and as JSON. What is taken prints and reads back as the same; what is not has errors, each with its place.</summary>
internal static class DocumentTargets
{
    private const string Yaml = "fuzz.yaml";
    private const string Json = "fuzz.json";

    public static IReadOnlyList<FuzzTarget> List { get; } =
    [
        new() { Name = "documents-yaml", Seeds = () => Texts(d => DocumentPrinter.ToYaml(d)), Run = input => Read(input, Yaml), AllocationPerByte = 16 * 1024 },
        new() { Name = "documents-json", Seeds = () => Texts(d => DocumentPrinter.ToJson(d)), Run = input => Read(input, Json), AllocationPerByte = 16 * 1024 },
    ];

    /// <summary>Every document of the policy sets by itself, and in twos and threes.</summary>
    private static IEnumerable<byte[]> Texts(Func<Model.Documents.Document, string> print)
    {
        var documents = Repository.Policies("*.yaml").SelectMany(f => DocumentReader.Read(File.ReadAllText(f), f).Documents).ToArray();
        var isJson = print(documents[0]).StartsWith('{');
        return documents.Select(print)
            .Concat(documents.Chunk(3).Select(chunk => isJson ? $"[{string.Join(',', chunk.Select(print))}]" : string.Join("---\n", chunk.Select(print))))
            .Concat(isJson ? [] : Repository.Policies("*.yaml").Select(f => File.ReadAllText(f)).Where(t => t.Length < 8_000))
            .Select(Encoding.UTF8.GetBytes);
    }

    private static string Read(byte[] input, string file)
    {
        var text = Shape.Text(input);
        var read = DocumentReader.Read(text, file);
        var lines = text.Count(c => c is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029') + 1;
        foreach (var error in read.Errors)
        {
            Oracle.Holds(error.Position is { Line: >= 1, Column: >= 1 }, "an error has a place");
            Oracle.Holds(error.Position is { } at && at.Line <= lines + 1, "an error is inside the text");
            Oracle.Holds(error.Message.Length > 0, "an error says what is wrong");
        }

        foreach (var document in read.Documents)
        {
            CheckPrints(document, DocumentPrinter.ToYaml(document), Yaml);
            CheckPrints(document, DocumentPrinter.ToJson(document), Json);
            CheckPrints(document, DocumentPrinter.ToIndentedJson(document), Json);
        }

        var whole = StateValidator.Validate(new Revision(1), read);
        Oracle.Holds(whole.State is not null || whole.Errors.Count > 0, "a state, or errors");
        return read.Errors.Count > 0 ? Shape.Of(read.Errors[0].Message) : $"{read.Documents.Count} taken, {whole.Errors.Count} wrong together";
    }

    private static void CheckPrints(Model.Documents.Document document, string printed, string file)
    {
        var again = DocumentReader.Read(printed, file);
        Oracle.Holds(again.Errors.Count == 0, $"what was printed to {file} is taken");
        Oracle.Holds(again.Documents.Count == 1 && again.Documents[0].Equals(document), $"what was printed to {file} is the same document");
        Oracle.Same(DocumentHash.Of(document), DocumentHash.Of(again.Documents[0]), "the same document has the same hash");
    }
}
