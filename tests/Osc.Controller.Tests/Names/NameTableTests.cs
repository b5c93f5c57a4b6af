using Osc.Controller.Names;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Documents;
using Osc.Policy.Validation;
using Xunit;

namespace Osc.Controller.Tests.Names;

/// <summary>When names are asked for, and which addresses they have meanwhile.</summary>
public sealed class NameTableTests
{
    private const string Api = "api.example.com";

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly NameSettings Settings = NameSettings.Default with { MaxAddresses = 3 };

    private readonly NameTable table = new(Settings);

    [Fact]
    public void Name_of_a_group_is_asked_for_at_once_and_again_when_its_time_is_over()
    {
        table.Follow(StateOf(Api), Start);

        Assert.Equal([Api], table.TakeDue(Start, 9));
        Assert.Empty(table.TakeDue(Start.AddDays(1), 9)); // the answer is awaited
        Answer(0, 100, "192.0.2.1");
        Assert.Equal(Start.AddSeconds(100), table.NextDue);
        Assert.Empty(table.TakeDue(Start.AddSeconds(99), 9));
        Assert.Equal([Api], table.TakeDue(Start.AddSeconds(100), 9));
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(100_000, 300)]
    public void Time_between_questions_is_bounded(int timeToLive, int seconds)
    {
        table.Follow(StateOf(Api), Start);
        Answer(0, timeToLive, "192.0.2.1");

        Assert.Equal(Start.AddSeconds(seconds), table.NextDue);
    }

    [Fact]
    public void Address_comes_with_the_first_answer_and_goes_when_its_grace_is_over()
    {
        table.Follow(StateOf(Api), Start);
        Assert.Empty(Changed());
        Answer(0, 60, "192.0.2.1");
        Assert.Equal("192.0.2.1", Changed());
        Answer(60, 60, "192.0.2.2");
        Assert.Equal("192.0.2.1 192.0.2.2", Changed());
        Answer(3_659, 60, "192.0.2.2");
        Assert.Equal("192.0.2.1 192.0.2.2", Changed());
        Answer(3_660, 60, "192.0.2.2");
        Assert.Equal("192.0.2.2", Changed());
    }

    /// <summary>However long nobody answers; and an answer of one family takes none of the other's away.</summary>
    [Fact]
    public void Address_stays_while_nobody_answers_for_all_of_the_name()
    {
        table.Follow(StateOf(Api), Start);
        Answer(0, 60, "192.0.2.1", "2001:db8::1");
        table.Take(Api, new NameAnswer.Failed("timeout"), Start.AddDays(30));
        Assert.Equal("192.0.2.1 2001:db8::1", Changed());
        Assert.Equal(Start.AddDays(30).AddSeconds(5), table.NextDue);
        table.Take(Api, new NameAnswer.Addresses([IpAddress.Parse("192.0.2.1")], TimeSpan.FromMinutes(1), IsWhole: false), Start.AddDays(30));
        Assert.Equal("192.0.2.1 2001:db8::1", Changed());
    }

    [Fact]
    public void Name_without_addresses_any_more_has_none_after_its_grace()
    {
        table.Follow(StateOf(Api), Start);
        Answer(0, 60, "192.0.2.1");
        Answer(10_000, 60);

        var put = Assert.Single(table.ChangeOf(StateOf(Api).Documents).Put);
        Assert.Empty(Assert.IsType<DnsNameDocument>(put).Addresses);
    }

    [Fact]
    public void Addresses_that_are_too_many_go_the_oldest_first()
    {
        table.Follow(StateOf(Api), Start);
        Answer(0, 60, "192.0.2.1", "192.0.2.2");
        Answer(60, 60, "192.0.2.8", "192.0.2.9");

        Assert.Equal("192.0.2.1 192.0.2.8 192.0.2.9", Changed());
    }

    /// <summary>As after a restart: what the documents say holds until an answer says otherwise, and the grace begins anew.</summary>
    [Fact]
    public void Addresses_of_documents_are_taken_up()
    {
        var state = StateOf(Api, new DnsNameDocument(Api, [IpAddress.Parse("192.0.2.1")]));
        table.Follow(state, Start);
        table.Take(Api, new NameAnswer.Failed("timeout"), Start.AddDays(1));
        Assert.Equal((0, 0), Counts(state));
        Answer(10, 60, "192.0.2.2");
        Assert.Equal("192.0.2.1 192.0.2.2", Changed());
    }

    [Fact]
    public void Document_of_a_name_that_no_group_has_goes_and_that_of_a_wildcard_stays()
    {
        var state = StateOf("*.example.com", new DnsNameDocument(Api, []), new DnsNameDocument("*.example.com", []));
        table.Follow(state, Start);

        Assert.Equal([DnsNameDocument.KeyOf(Api)], table.ChangeOf(state.Documents).Delete);
        Assert.Empty(table.TakeDue(Start, 9));
    }

    /// <summary>Also where somebody has written something else into it.</summary>
    [Fact]
    public void Document_that_says_it_already_is_left_alone()
    {
        table.Follow(StateOf(Api), Start);
        Answer(0, 60, "192.0.2.1");

        Assert.Equal((0, 0), Counts(StateOf(Api, new DnsNameDocument(Api, [IpAddress.Parse("192.0.2.1")]))));
        Assert.Equal((1, 0), Counts(StateOf(Api, new DnsNameDocument(Api, [IpAddress.Parse("192.0.2.66")]))));
    }

    [Fact]
    public void Answer_for_a_name_that_no_group_has_any_more_is_let_go()
    {
        table.Follow(StateOf(Api), Start);
        table.TakeDue(Start, 1);
        table.Follow(StateOf("other.example.com"), Start);
        Answer(0, 60, "192.0.2.1");

        Assert.Empty(table.ChangeOf(DocumentSet.Empty).Put);
    }

    private void Answer(int second, int timeToLive, params string[] addresses) =>
        table.Take(Api, new NameAnswer.Addresses(addresses.Select(IpAddress.Parse).ToValueList(), TimeSpan.FromSeconds(timeToLive)), Start.AddSeconds(second));

    /// <summary>The addresses that the name's document would get, where there is none yet.</summary>
    private string Changed() => string.Join(' ', table.ChangeOf(StateOf(Api).Documents).Put.OfType<DnsNameDocument>().SelectMany(d => d.Addresses));

    private (int Put, int Delete) Counts(State state)
    {
        var (put, delete) = table.ChangeOf(state.Documents);
        return (put.Count, delete.Count);
    }

    private static State StateOf(string fqdn, params Document[] more)
    {
        var group = new SecurityGroupDocument(new(Name.Parse("g"), Tenants.Default), [new FqdnClause(fqdn)], [], false);
        var result = StateValidator.Validate(new Revision(1), DocumentSet.Of([group, .. more]));
        Assert.Equal(ValueList<DocumentError>.Empty, result.Errors);
        return result.State!; // there are no errors
    }
}
