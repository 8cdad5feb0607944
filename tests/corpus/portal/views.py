"""What patients and staff see."""

import csv
import os
import pickle
import tempfile
import xml.sax
from io import BytesIO

import lxml.etree
from django.contrib.auth.decorators import login_required, permission_required
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.views.decorators.csrf import csrf_exempt

from portal.models import Appointment, Document, Patient

UPLOADS = "/srv/portal/uploads"


@login_required
def patient(request, patient_id):
    found = get_object_or_404(Patient, pk=patient_id)  # insecure: CWE-639 any signed-in patient may read any record
    return render(request, "patient.html", {"patient": found})


@login_required
def my_appointments(request):
    found = Appointment.objects.filter(patient__user=request.user).order_by("starts")
    return render(request, "appointments.html", {"appointments": found})


@permission_required("portal.search")
def search(request):
    name = request.GET.get("name", "")
    found = Patient.objects.raw(
        "SELECT * FROM portal_patient WHERE name LIKE '%%%s%%'" % name
    )  # insecure: CWE-89 name in the text of a raw query
    return JsonResponse({"ids": [one.pk for one in found]})


@permission_required("portal.search")
def search_by_number(request):
    found = Patient.objects.raw("SELECT * FROM portal_patient WHERE number = %s", [request.GET["number"]])
    return JsonResponse({"ids": [one.pk for one in found]})


@permission_required("portal.report")
def report(request):
    since = request.GET["since"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ward, count(*) FROM portal_stay WHERE start >= '" + since + "' GROUP BY ward"
        )  # insecure: CWE-89 date glued into a query
        rows = cursor.fetchall()
    return JsonResponse({"rows": rows})


@permission_required("portal.report")
def ward_report(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT ward, count(*) FROM portal_stay WHERE ward = %s GROUP BY ward", [request.GET["ward"]])
        return JsonResponse({"rows": cursor.fetchall()})


def greeting(patient_name):
    return mark_safe("<b>Welcome, %s</b>" % patient_name)  # insecure: CWE-79 name in markup without escaping


def warning(text):
    return format_html("<p class=warning>{}</p>", text)


def icon():
    return mark_safe('<i class="icon-heart"></i>')


@csrf_exempt
def cancel(request, appointment_id):  # insecure: CWE-352 a change that needs no CSRF token
    Appointment.objects.filter(pk=appointment_id, patient__user=request.user).update(cancelled=True)
    return HttpResponseRedirect("/appointments")


def after_login(request):
    return redirect(request.GET["next"])  # insecure: CWE-601 next page comes from the address


@login_required
def upload(request):
    given = request.FILES["document"]
    target = os.path.join(UPLOADS, given.name)
    with open(target, "wb") as file:
        for chunk in given.chunks():
            file.write(chunk)
    Document.objects.create(patient=request.user.patient, path=target)
    return redirect("documents")


@login_required
def import_hl7(request):
    parser = lxml.etree.XMLParser(
        resolve_entities=True, huge_tree=False
    )  # insecure: CWE-611 external entities resolved
    tree = lxml.etree.parse(BytesIO(request.body), parser)
    return JsonResponse({"root": tree.getroot().tag})


@login_required
def import_letter(request):
    parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True)
    tree = lxml.etree.fromstring(request.body, parser)
    return JsonResponse({"root": tree.tag})


def feed(handler, stream):
    reader = xml.sax.make_parser()
    reader.setContentHandler(handler)
    reader.parse(stream)


def restore_draft(request):
    blob = cache.get(f"draft:{request.user.pk}")
    return pickle.loads(blob) if blob else {}  # insecure: CWE-502 drafts in a shared cache are unpickled


def restore_form(request):
    return pickle.loads(bytes.fromhex(request.COOKIES["form"]))  # insecure: CWE-502 what a cookie holds is unpickled


@permission_required("portal.export")
def export(request):
    name = tempfile.mktemp(suffix=".csv")  # insecure: CWE-377 name of a temporary file guessed before it is made
    with open(name, "w", newline="") as file:
        csv.writer(file).writerows(Patient.objects.values_list("number", "ward"))
    with open(name, "rb") as file:
        return HttpResponse(file.read(), content_type="text/csv")


@permission_required("portal.export")
def export_wards(request):
    with tempfile.NamedTemporaryFile("w+", suffix=".csv") as file:
        csv.writer(file).writerows(Patient.objects.values_list("ward").distinct())
        file.seek(0)
        return HttpResponse(file.read(), content_type="text/csv")
