using Osc.Model.Documents;
using Osc.Policy.Documents;
using Xunit;

namespace Osc.Policy.Tests.Documents;

public sealed class DocumentDirectoryTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("osc-documents-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Directory_reads_yaml_and_json_of_all_directories_in_it_in_name_order()
    {
        Write("b.yaml", Service("b"));
        Write("a.yml", Service("a"));
        Write("c/d.json", """{"apiVersion":"osc/v1","kind":"Service","metadata":{"name":"d"},"spec":{"ports":["any"]}}""");
        Write("README.md", "not a document");

        var read = DocumentDirectory.Read(root);

        Assert.Empty(read.Errors);
        Assert.Equal(["a", "b", "d"], read.Documents.Select(d => d.Metadata.Name.Value));
        Assert.Equal(Path.Combine(root, "b.yaml"), read.Sources.Find(read.Documents[1].Key)?.Start.File);
    }

    [Fact]
    public void Directory_gives_the_errors_of_all_files_in_the_order_of_files_and_lines()
    {
        Write("2.yaml", Service("b").Replace("tcp/80", "tcp/x") + "---\n" + Service("c").Replace("spec", "psec"));
        Write("1.json", "{");

        var errors = DocumentDirectory.Read(root).Errors;

        Assert.Equal(["1.json:1", "2.yaml:4", "2.yaml:6", "2.yaml:9"], errors.Select(e => $"{Path.GetFileName(e.Position?.File)}:{e.Position?.Line}"));
    }

    [Fact]
    public void Directory_refuses_a_document_that_two_files_have()
    {
        Write("1.yaml", Service("a"));
        Write("2.yaml", Service("b") + "---\n" + Service("a"));

        var read = DocumentDirectory.Read(root);

        Assert.Equal(
            $"{Path.Combine(root, "2.yaml")}:6:1: default/Service/a: the document is there already, at {Path.Combine(root, "1.yaml")}:1:1; allowed: each tenant, kind and name once",
            Assert.Single(read.Errors).ToString());
        Assert.Equal(2, read.Documents.Count);
    }

    [Fact]
    public void Directory_reads_a_single_file()
    {
        Write("a.yaml", Service("a"));

        Assert.Equal(Kind.Service, Assert.Single(DocumentDirectory.Read(Path.Combine(root, "a.yaml")).Documents).Kind);
    }

    [Fact]
    public void Directory_says_so_when_there_is_nothing_to_read()
    {
        Assert.Equal($"{root}/none: there is no such file or directory", Assert.Single(DocumentDirectory.Read(root + "/none").Errors).ToString());
        Assert.Equal($"{root}: there are no documents in it; allowed: files that end in .yaml, .yml or .json", Assert.Single(DocumentDirectory.Read(root).Errors).ToString());
    }

    [Fact]
    public void Directory_says_so_when_a_file_is_no_text_or_too_long()
    {
        File.WriteAllBytes(Path.Combine(root, "bytes.yaml"), [0x61, 0xff, 0xfe, 0x62]);
        using (var file = File.Create(Path.Combine(root, "long.yaml")))
        {
            file.SetLength(ReadLimits.Default.MaxBytes + 1L);
        }

        Assert.Equal(
            [$"{root}/bytes.yaml: the file is no UTF-8 text; allowed: UTF-8", $"{root}/long.yaml: the file is too long; allowed: at most 16777216 bytes"],
            DocumentDirectory.Read(root).Errors.Select(e => e.ToString()));
    }

    private static string Service(string name) => $"apiVersion: osc/v1\nkind: Service\nmetadata: {{ name: {name} }}\nspec: {{ ports: [ tcp/80 ] }}\n";

    private void Write(string name, string text)
    {
        var path = Path.Combine(root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
